// NiceGUI registers this file; the component itself lives in the built bundle beside it.
import { FlowCanvas } from "flow-canvas";
export default FlowCanvas;
