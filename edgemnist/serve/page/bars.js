// Ten bars, one for each label. Where corrections are kept, each is a button that says "it is this one".

/** Returns a function that shows probabilities `[{label, confidence}]`, or none for null; the label kept is marked. */
export function makeBars(list, labels, pick) {
  const bars = labels.map((label) => {
    const bar = document.createElement(pick ? "button" : "span");
    const track = element("span", "track");
    const fill = element("span", "fill");
    const share = element("span", "unseen");
    track.append(fill);
    bar.append(track, element("span", "name", label), share);
    bar.className = "bar";
    if (pick) {
      bar.type = "button";
      bar.addEventListener("click", () => pick(label));
    }
    const item = document.createElement("li");
    item.append(bar);
    return { label, item, bar, fill, share };
  });
  list.replaceChildren(...bars.map(({ item }) => item));

  return function show(top, label, kept) {
    for (const { label: own, bar, fill, share } of bars) {
      const confidence = top?.find((one) => one.label === own)?.confidence ?? 0;
      fill.style.height = `${100 * confidence}%`;
      share.textContent = top ? ` ${(100 * confidence).toFixed(1)} percent` : "";
      bar.disabled = !top;
      bar.classList.toggle("top", top !== null && label === own);
      bar.classList.toggle("kept", kept === own);
    }
  };
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
