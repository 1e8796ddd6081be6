import { onKeys } from "./keys.js";

onKeys({ u: () => location.assign("/") });
