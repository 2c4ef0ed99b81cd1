// onnxruntime-web in node, one thread of WebAssembly: what worker.py is to the others.
//
//     node web_worker.mjs ONNXRUNTIME_WEB MODEL IMAGES.npy LOGITS.npy STARTED
//
// ONNXRUNTIME_WEB is the folder of the package. IMAGES holds uint8 (N, 1, 28, 28).

import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";

const [home, model, imagesPath, logitsPath, started] = process.argv.slice(2);
const ort = await import(join(home, "dist", "ort.node.min.mjs"));
ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(model)), { executionProviders: ["wasm"] });
const images = pixels(readFileSync(imagesPath));
const count = images.length / 784;

// CLOCK_MONOTONIC, as Python's time.monotonic().
const now = () => Number(process.hrtime.bigint()) / 1e9;

async function answer(first, end) {
  const shape = [end - first, 1, 28, 28];
  const input = new ort.Tensor("uint8", images.subarray(784 * first, 784 * end), shape);
  return (await session.run({ image: input }, ["logits"])).logits.data;
}

await answer(0, 1);
const facts = { start_s: now() - Number(started), rss_bytes: peakRssBytes() };
const logits = new Float32Array(10 * count);
for (let first = 0; first < count; first += 50) logits.set(await answer(first, Math.min(first + 50, count)), 10 * first);
writeFileSync(logitsPath, npy(logits, [count, 10]));
console.log(JSON.stringify(facts));

for await (const line of createInterface({ input: process.stdin })) {
  const [batch, calls] = line.split(" ").map(Number);
  await answer(0, batch);
  const times = [];
  for (let call = 0; call < calls; call++) {
    const began = now();
    await answer(0, batch);
    times.push(now() - began);
  }
  times.sort((one, other) => one - other);
  console.log((times[(calls - 1) >> 1] + times[calls >> 1]) / 2);
}

function pixels(file) {
  return new Uint8Array(file.subarray(10 + file.readUInt16LE(8)));
}

function npy(values, shape) {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const header = dictionary.padEnd(128 - 10 - 1) + "\n";
  const start = Buffer.from("\x93NUMPY\x01\x00" + String.fromCharCode(header.length, 0) + header, "latin1");
  return Buffer.concat([start, Buffer.from(values.buffer)]);
}

function peakRssBytes() {
  return 1024 * Number(readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s+(\d+)/)[1]);
}
