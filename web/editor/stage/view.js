// Where the image lies in the editor: fitted, zoomed about a point, moved.

export const MAX_ZOOM = 40;
export const MIN_ZOOM = 0.5;

export class View {
  /** @param {number} [margin] around the whole image, in pixels of the editor */
  constructor(margin = 0) {
    this.margin = margin;
    this.size = [1, 1];
    this.canvas = [1, 1];
    this.zoom = 1;
    this.middle = [0.5, 0.5];
  }

  /** @param {number[]} size of the editor @param {number[]} canvas of the poses, both in pixels */
  fitInto(size, canvas) {
    this.size = size;
    this.canvas = canvas;
  }

  /** Pixels of the editor for one of the image. */
  get scale() {
    const [width, height] = this.size.map((side) => Math.max(1, side - 2 * this.margin));
    return Math.min(width / this.canvas[0], height / this.canvas[1]) * this.zoom;
  }

  /** Left and top of the image in the editor. */
  get origin() {
    return [0, 1].map((i) => this.size[i] / 2 - this.middle[i] * this.canvas[i] * this.scale);
  }

  /** @param {number} x @param {number} y in the editor */
  toImage(x, y) {
    const [left, top] = this.origin;
    return [(x - left) / this.scale, (y - top) / this.scale];
  }

  /** @param {number} x @param {number} y in the image */
  toEditor(x, y) {
    const [left, top] = this.origin;
    return [left + x * this.scale, top + y * this.scale];
  }

  /** @param {number} factor @param {number[]} about x and y in the editor that stay */
  zoomBy(factor, about = this.size.map((side) => side / 2)) {
    const before = this.toImage(about[0], about[1]);
    this.zoom = Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, this.zoom * factor));
    const after = this.toImage(about[0], about[1]);
    this.#moveImage(before[0] - after[0], before[1] - after[1]);
  }

  /** @param {number} x @param {number} y right and down, in pixels of the editor */
  moveBy(x, y) {
    this.#moveImage(-x / this.scale, -y / this.scale);
  }

  reset() {
    this.zoom = 1;
    this.middle = [0.5, 0.5];
  }

  #moveImage(x, y) {
    const clip = (value) => Math.min(1, Math.max(0, value));
    this.middle = [clip(this.middle[0] + x / this.canvas[0]), clip(this.middle[1] + y / this.canvas[1])];
    if (this.zoom <= 1) this.middle = [0.5, 0.5];
  }
}
