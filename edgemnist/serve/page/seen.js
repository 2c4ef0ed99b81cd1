// The 28x28 images that the model saw: shown as they are, and as the PNG that an example is sent as.

const SIDE = 28;

/** Paints base64 of 784 bytes, 255 for full ink, on a canvas: white on black. */
export function paintInput(canvas, input) {
  canvas.width = canvas.height = SIDE;
  const bytes = atob(input);
  const image = new ImageData(SIDE, SIDE);
  for (let index = 0; index < bytes.length; index += 1) {
    image.data.fill(bytes.charCodeAt(index), 4 * index, 4 * index + 3);
    image.data[4 * index + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** Returns the same image as a PNG. */
export function inputAsPng(input) {
  const canvas = document.createElement("canvas");
  paintInput(canvas, input);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
