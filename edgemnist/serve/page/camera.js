// Live video, where the browser allows it: on localhost and over HTTPS. Elsewhere a phone's file field opens its camera.

const QUALITY = 0.92; // of a picture's JPEG

/** Returns the camera: `use` starts it, then takes a picture; `take` is called with that, `changed` when video starts
 * or stops, `failed` where there is no camera or it is denied. */
export function makeCamera({ video, field, take, changed, failed }) {
  let filming = false;
  let starting = false;

  async function start() {
    if (starting) return;
    starting = true;
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1280 } },
      });
      await video.play();
      filming = true;
      changed();
    } catch {
      stop();
      failed();
    } finally {
      starting = false;
    }
  }

  function stop() {
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    video.srcObject = null;
    filming = false;
    changed();
  }

  return {
    isFilming: () => filming,
    stop,
    async use() {
      if (filming) take(await frame(video));
      else if (navigator.mediaDevices?.getUserMedia) await start();
      else field.click();
    },
  };
}

/** Returns what the video shows now as a JPEG. */
function frame(video) {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}
