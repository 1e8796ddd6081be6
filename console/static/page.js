import "./bar.js";
import { onKeys, upToList } from "./keys.js";

onKeys({ u: upToList });
