import { page } from "./descend.js";

page(document.getElementById("page"));
