// Puts the header of the reference's plain pages into the page of the request form.
import { readFileSync } from "node:fs";

const HEADER = new URL("../crates/reference/src/templates/header.html", import.meta.url);

export function header() {
  return {
    name: "rollcall-header",
    // The template's only tag is the comment before it.
    transformIndexHtml: (html) => html.replace("<!-- site header -->", () => readFileSync(HEADER, "utf8").replace(/^\{#.*#\}\n/, "").trimEnd()),
  };
}
