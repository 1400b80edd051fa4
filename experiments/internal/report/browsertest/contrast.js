// Texts whose contrast with what is behind them is too low, by WCAG 2.2 (1.4.3):
// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio. Within drawings the page is behind the text, or
// the shape that it stands on.
(() => {
  const parse = (css) => {
    const canvas = parse.canvas ??= document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a] = parse(getComputedStyle(e).backgroundColor);
      if (a === 255) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const onShape = new Set(["1,1,1", "254,254,254"]); // package figure's texts on coloured shapes, which come first
  const shapeBefore = (text) => {
    for (let e = text.previousElementSibling; e; e = e.previousElementSibling) {
      const fill = getComputedStyle(e).fill;
      if (e.tagName === "path" && fill !== "none") return parse(fill).slice(0, 3);
    }
    return behind(text.closest("svg"));
  };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || !e.checkVisibility() || e.closest("script, style, title, desc")) continue;
    const style = getComputedStyle(e);
    const drawn = e.closest("svg");
    const ink = parse(drawn ? style.fill : style.color).slice(0, 3);
    const under = onShape.has(ink.join()) ? shapeBefore(e) : behind(drawn ?? e);
    const [a, b] = [luminance(ink), luminance(under)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    if (ratio < (large ? 3 : 4.5)) poor.push(`${ratio.toFixed(2)}: ${ink} on ${under}: ${node.data.trim().slice(0, 60)}`);
  }
  return poor;
})()
