// Live video, where the browser allows it: on localhost and over HTTPS.

const QUALITY = 0.92; // of a frame's JPEG

/** Returns whether this browser hands out live video here; elsewhere a phone's file field opens its camera. */
export function hasLiveVideo() {
  return Boolean(navigator.mediaDevices?.getUserMedia);
}

/** Returns once the camera's video runs; raises the browser's error where there is none or it is denied. */
export async function startVideo(video) {
  video.srcObject = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment", width: { ideal: 1280 } },
  });
  await video.play();
}

export function stopVideo(video) {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

/** Returns what the video shows now as a JPEG. */
export function takeFrame(video) {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}
