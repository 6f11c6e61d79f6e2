import { ClaimStudio } from "@/features/accounts";

export const path = "/claim";
export const title = "Welcome";
export const layout = "bare";

export default ClaimStudio;
