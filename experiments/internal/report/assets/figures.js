// Values of the marks in figures, under the pointer and at the keyboard's focus. A figure is one
// stop of the tab key; arrow keys lead from mark to mark.
(() => {
  "use strict";
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("role", "tooltip");
  document.body.append(tip);
  const show = (spot) => {
    tip.textContent = spot.dataset.text;
    tip.hidden = false;
    const at = spot.getBoundingClientRect();
    const left = Math.min(at.right + 8, document.documentElement.clientWidth - tip.offsetWidth - 8);
    const above = at.top - tip.offsetHeight - 8;
    tip.style.left = Math.max(8, left) + scrollX + "px";
    tip.style.top = (above > 0 ? above : at.bottom + 8) + scrollY + "px";
  };
  const hide = () => { tip.hidden = true; };
  const setUp = (svg) => {
    const name = svg.querySelector(":scope > title");
    if (name) { // which browsers would show over all of the figure
      svg.setAttribute("aria-label", name.textContent);
      svg.setAttribute("role", "group");
      name.remove();
    }
    const box = svg.parentElement; // Chromium stops at an SVG that listens itself
    const spots = [...svg.querySelectorAll(".spot")];
    spots.forEach((spot, i) => {
      const title = spot.querySelector("title");
      spot.dataset.text = title ? title.textContent : "";
      if (title) title.remove(); // which browsers would show a second time
      spot.setAttribute("role", "img");
      spot.setAttribute("aria-label", spot.dataset.text);
      spot.setAttribute("tabindex", i === 0 ? "0" : "-1");
    });
    const go = (from, to) => {
      if (to < 0 || to >= spots.length) return;
      spots[from].setAttribute("tabindex", "-1");
      spots[to].setAttribute("tabindex", "0");
      spots[to].focus();
    };
    box.addEventListener("pointerover", (e) => { if (e.target.matches(".spot")) show(e.target); });
    box.addEventListener("pointerout", hide);
    box.addEventListener("focusin", (e) => { if (e.target.matches(".spot")) show(e.target); });
    box.addEventListener("focusout", hide);
    box.addEventListener("keydown", (e) => {
      const at = spots.indexOf(e.target);
      if (at < 0) return;
      const to = {ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: spots.length - 1};
      if (e.key === "Escape") hide();
      if (!(e.key in to)) return;
      e.preventDefault();
      go(at, to[e.key]);
    });
    return spots.length;
  };
  let marks = 0;
  for (const svg of document.querySelectorAll(".drawing svg")) marks += setUp(svg);
  if (marks > 0) document.querySelector(".hint").hidden = false;
})();
