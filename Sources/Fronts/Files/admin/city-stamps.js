// A transparent sheet that is stamped thousands of times in a frame, on machines with a graphics card and without one.

export class Sheet {
  #canvas;
  #pen;
  #stamps;
  #size;
  #width = 0;
  #height = 0;
  #image = null;
  #pixels = null;

  /**
   * @param {HTMLElement} place in which the sheet lies above all else
   * @param {HTMLCanvasElement[]} stamps all of one size
   * @param {number} density pixels of the sheet for each of the page
   */
  constructor(place, stamps, density) {
    this.density = density;
    this.#canvas = Object.assign(document.createElement("canvas"), { className: "city-layer moving" });
    this.#canvas.setAttribute("aria-hidden", "true");
    place.append(this.#canvas);
    this.#size = stamps[0].width;
    // At one pixel each, copying pixels here costs less than telling the browser two thousand times to do so; above that it does it better.
    this.isOwn = density === 1;
    this.#pen = this.#canvas.getContext("2d", { willReadFrequently: this.isOwn });
    this.#stamps = this.isOwn ? stamps.map(pixelsOf) : stamps;
  }

  remove() { this.#canvas.remove(); }

  /** A clean sheet, as large as the map in pixels of the page. */
  begin(width, height) {
    width = Math.max(1, Math.round(width * this.density));
    height = Math.max(1, Math.round(height * this.density));
    this.#pen.setTransform(1, 0, 0, 1, 0, 0);
    if (width !== this.#width || height !== this.#height) {
      this.#canvas.width = this.#width = width;
      this.#canvas.height = this.#height = height;
      this.#image = this.isOwn ? this.#pen.createImageData(width, height) : null;
      this.#pixels = this.#image && new Uint32Array(this.#image.data.buffer);
    } else if (this.isOwn) this.#pixels.fill(0); else this.#pen.clearRect(0, 0, width, height);
  }

  /** Stamps with the middle at a point of the sheet, on whole pixels: others would have to be mixed. */
  stamp(which, x, y) {
    const size = this.#size, left = Math.round(x - size / 2), top = Math.round(y - size / 2);
    if (left <= -size || top <= -size || left >= this.#width || top >= this.#height) return;
    if (!this.isOwn) { this.#pen.drawImage(this.#stamps[which], left, top); return; }
    const stamp = this.#stamps[which], pixels = this.#pixels, width = this.#width;
    const fromX = Math.max(0, -left), toX = Math.min(size, width - left), fromY = Math.max(0, -top), toY = Math.min(size, this.#height - top);
    for (let row = fromY; row < toY; row++) {
      let from = row * size + fromX, to = (top + row) * width + left + fromX;
      for (const end = to + toX - fromX; to < end; from++, to++) {
        const pixel = stamp[from];
        // The soft edge covers only what is empty.
        if (pixel >>> 24 === 255 || (pixel !== 0 && pixels[to] === 0)) pixels[to] = pixel;
      }
    }
  }

  /** Shows what was stamped; on top of it may be drawn. */
  finish() {
    if (this.isOwn) this.#pen.putImageData(this.#image, 0, 0);
    return this.#pen;
  }
}

function pixelsOf(canvas) {
  const pen = canvas.getContext("2d");
  return new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
}

/** A courier in each state: different in shape as well as in colour. */
export function courierStamps(tones, edge, density) {
  return tones.map((tone, state) => {
    const size = Math.ceil(14 * density), middle = size / 2 / density;
    const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.scale(density, density);
    pen.fillStyle = tone;
    pen.strokeStyle = edge;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.arc(middle, middle, 5, 0, 2 * Math.PI);
    pen.stroke();
    pen.fill();
    // Free ones are whole, those with an offer are a ring, those who ride have a bar.
    pen.fillStyle = edge;
    pen.beginPath();
    if (state === 1) pen.arc(middle, middle, 2.5, 0, 2 * Math.PI);
    if (state === 2) pen.rect(middle - 3, middle - 0.75, 6, 1.5);
    pen.fill();
    return canvas;
  });
}
