// A button on each block of code that copies it.
for (const block of document.querySelectorAll("pre:not(.small)")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${block.getAttribute("aria-label") ?? "code"}`);
  button.addEventListener("click", async () => {
    const text = block.querySelector("code")?.textContent ?? block.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // Without HTTPS there is no clipboard: the block is selected, so that the user can copy it.
      getSelection().selectAllChildren(block);
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  const around = document.createElement("div");
  around.className = "code";
  block.replaceWith(around);
  around.append(button, block);
}
