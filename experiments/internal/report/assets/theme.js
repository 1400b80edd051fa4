// The colours: as the system has them, or as the reader wants them.
(() => {
  "use strict";
  const button = document.getElementById("theme");
  const names = {"": "as the system", dark: "dark", light: "light"};
  const kept = () => { try { return localStorage.getItem("edgeprune-theme") || ""; } catch { return ""; } };
  const keep = (theme) => { try { localStorage.setItem("edgeprune-theme", theme); } catch { /* it isn't kept */ } };
  const apply = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    button.textContent = "Colours: " + names[theme];
  };
  let theme = kept();
  if (!(theme in names)) theme = "";
  apply(theme);
  button.hidden = false;
  button.addEventListener("click", () => {
    const order = Object.keys(names);
    theme = order[(order.indexOf(theme) + 1) % order.length];
    keep(theme);
    apply(theme);
  });
})();
