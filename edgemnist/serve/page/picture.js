// Pictures that somebody drops, pastes or chooses, and how they are shown.

/** Calls `take` with each file that is dropped anywhere on the page, pasted, or chosen in one of the file fields. */
export function acceptPictures(fields, take) {
  const takeFirst = (files) => files.length > 0 && take(files[0], files.length);

  for (const field of fields) {
    field.addEventListener("change", () => {
      takeFirst([...field.files]);
      field.value = ""; // the same file may be chosen again
    });
  }
  document.addEventListener("paste", (event) => takeFirst([...event.clipboardData.files]));

  let depth = 0; // elements that the file is over; leaving one may be entering another
  const mark = () => document.body.classList.toggle("dropping", depth > 0);
  const withFiles = (handle) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    handle(event);
    mark();
  };
  document.addEventListener("dragenter", withFiles(() => (depth += 1)));
  document.addEventListener("dragleave", withFiles(() => (depth -= 1)));
  document.addEventListener("dragover", withFiles(() => {}));
  document.addEventListener("drop", withFiles((event) => {
    depth = 0;
    takeFirst([...event.dataTransfer.files]);
  }));
}

/** Returns the size of a picture as it is shown in `photo`, turned clockwise by degrees; null if no browser shows it. */
export async function showPicture(photo, file, turned) {
  hidePicture(photo);
  let url = "";
  try {
    url = URL.createObjectURL(turned ? await turnedCopy(file, turned) : file);
    photo.src = url;
    photo.alt = file.name ? `The picture ${file.name}` : "The picture";
    await photo.decode();
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
  return { width: photo.naturalWidth, height: photo.naturalHeight };
}

export function hidePicture(photo) {
  photo.hidden = true;
  photo.removeAttribute("src");
}

/** Returns a copy to look at; what is read is the file itself, turned by the reader. */
async function turnedCopy(file, turned) {
  const image = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  const across = turned % 180 === 0;
  canvas.width = across ? image.width : image.height;
  canvas.height = across ? image.height : image.width;
  const context = canvas.getContext("2d");
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((turned * Math.PI) / 180);
  context.drawImage(image, -image.width / 2, -image.height / 2);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}
