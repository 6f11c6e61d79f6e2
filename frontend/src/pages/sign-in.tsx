import { SignIn } from "@/features/accounts";

export const path = "/sign-in";
export const title = "Sign in";
export const layout = "bare";

export default SignIn;
