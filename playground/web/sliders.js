// Sliders for the numbers of a scenario: a moved slider changes the number in the text.

const MOST = 12;

// Returns the numbers of a scenario: {label, line, from, to, value, unit}; from and to are offsets.
export function numbersOf(text) {
  const found = [];
  const pattern = /\b(quantum|cores|seed|arrival|cpu|io|count|switch|priority|nice|units|memory|period|deadline|tickets): *(\d+(?:\.\d+)?)([a-zA-Z]*)(?=\s*(?:[,}\]#]|$))/gm;
  for (const match of text.matchAll(pattern)) {
    if (found.length === MOST) break;
    const line = text.slice(text.lastIndexOf("\n", match.index) + 1, match.index);
    if (line.includes("#")) continue;
    const before = text.slice(0, match.index), section = before.slice([...before.matchAll(/^\w/gm)].at(-1)?.index ?? 0);
    const name = [...section.matchAll(/\bname: *([^,}\s]+)/g)].at(-1)?.[1] ?? ""; // of the same key at the top
    const from = match.index + match[0].length - match[2].length - match[3].length;
    found.push({ label: [name, match[1]].filter(Boolean).join(" "), from, to: from + match[2].length + match[3].length, value: Number(match[2]), unit: match[3] });
  }
  return found;
}

export class Sliders {
  // `text()` returns the scenario, `moved(from, to, text)` replaces a number in it.
  constructor(parent, text, moved) {
    Object.assign(this, { parent, text, moved, shape: "" });
  }

  show(text) {
    const numbers = numbersOf(text), shape = numbers.map(({ label, unit }) => label + unit).join();
    if (shape !== this.shape) this._make(numbers);
    this.shape = shape;
    this.numbers = numbers;
    [...this.parent.querySelectorAll("input")].forEach((input, place) => {
      if (document.activeElement !== input) input.value = numbers[place].value;
      this._tell(place);
    });
  }

  _make(numbers) {
    this.parent.replaceChildren(...numbers.map(({ label, value }, place) => {
      const row = document.createElement("label"), input = document.createElement("input");
      row.append(label, input, document.createElement("output"));
      const whole = Number.isInteger(value);
      Object.assign(input, { type: "range", min: label.endsWith("seed") || label.endsWith("arrival") ? 0 : whole ? 1 : 0.1, max: Math.max(10, value * 3), step: whole ? 1 : 0.1 });
      const tell = () => {
        const { from, to, unit } = numbersOf(this.text())[place]; // where the number is by now
        this.moved(from, to, `${input.value}${unit}`);
      };
      let before; // a finger that scrolls the page may begin on a slider: what it changed is taken back
      input.addEventListener("pointerdown", () => { before = input.value; });
      input.addEventListener("pointercancel", () => {
        input.value = before;
        input.blur();
        tell();
      });
      input.addEventListener("input", tell);
      return row;
    }));
  }

  _tell(place) {
    const { value, unit } = this.numbers[place];
    this.parent.querySelectorAll("output")[place].textContent = `${value}${unit}`;
  }
}
