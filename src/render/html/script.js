"use strict";
// The page reads without this; it only makes the copy buttons work, also from a file and without a server.
(() => {
  const said = document.getElementById("said");
  const legacy = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "away";
    area.setAttribute("readonly", "");
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return legacy(text);
    }
  };
  const all = () => {
    const lines = [];
    let label = "";
    for (const part of document.querySelectorAll("#case dt, #case code")) {
      if (part.tagName === "DT") label = part.textContent;
      else lines.push(`${label}: ${part.textContent}`);
    }
    return lines.join("\n");
  };
  for (const button of document.querySelectorAll("button")) {
    const word = button.textContent;
    const value = button.parentElement.querySelector("code");
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (!(await copy(value ? value.textContent : all()))) return;
      button.focus();
      button.textContent = said.dataset.done;
      said.textContent = said.dataset.done;
      setTimeout(() => {
        button.textContent = word;
        said.textContent = "";
      }, 2000);
    });
  }
})();
