export {
  type Flow,
  type Template,
  useCopyFlow,
  useCreateFlow,
  useDeleteFlow,
  useFlow,
  useFlows,
  useTemplates,
  useUpdateFlow,
} from "./api/flows";
export { StartPage } from "./components/StartPage";
