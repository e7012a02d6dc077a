// Applies the reader's choice of light or dark before the page is drawn. The dashboard stores it under the same name.
const THEME = "rollcall-theme";
try {
  const theme = localStorage.getItem(THEME);
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Without storage there is no choice.
}

addEventListener("DOMContentLoaded", () => {
  addThemeSwitch();
  addCopyButtons();
});

function addThemeSwitch() {
  const button = document.querySelector(".site .theme");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const shown = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = shown === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(THEME, root.dataset.theme);
    } catch {
      // The choice lasts until the next page.
    }
  });
}

// A button on each block of code that copies it.
function addCopyButtons() {
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
}
