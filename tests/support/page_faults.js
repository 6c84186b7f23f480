/**
 * Runs in a page and gives a sentence for each fault of it as it is displayed: too wide, too little contrast (WCAG 2.2, 1.4.3),
 * an empty part, a missing picture. Figures are left out.
 */
(() => {
  const colourOf = (text) => text.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = colour.slice(0, 3).map((value) =>
      value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = colourOf(getComputedStyle(at).backgroundColor);
      if ((colour[3] ?? 1) === 1) return colour;
    }
    return [255, 255, 255];
  };
  const contrastOf = (element) => {
    const [a, b] = [colourOf(getComputedStyle(element).color), groundOf(element)].map(luminance);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const hasText = (element) => [...element.childNodes].some(({ nodeType, data }) => nodeType === 3 && /\S/.test(data));

  const { scrollWidth, clientWidth } = document.documentElement;
  const faults = scrollWidth > clientWidth ? [`it is ${scrollWidth} pixels wide on a screen of ${clientWidth}`] : [];
  for (const element of document.querySelectorAll("body *:not(script):not(svg *)")) {
    const name = `${element.tagName} "${element.textContent.trim().slice(0, 40)}"`;
    const contrast = hasText(element) ? contrastOf(element) : Infinity;
    if (contrast < 4.5) faults.push(`${name} has a contrast of ${contrast.toFixed(1)}`);
    if (element.matches("section, figure") && element.childElementCount === 0) faults.push(`${name} is empty`);
    if (element.naturalWidth === 0) faults.push(`${name} has no picture`);
  }
  return faults;
})();
