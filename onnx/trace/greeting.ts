/**
 * Keeps TensorFlow.js's greeting ("Hi, looks like you are running TensorFlow.js in Node.js…") off the console.
 *
 * The CPU backend prints it at its first use. The only flag against it, `PROD`, silences every warning, which a library must
 * not do to its caller. So the backend's own mark of its first use is never set; later warnings appear as always.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

const cpu = tf.findBackend("cpu") as tf.KernelBackend & { firstUse?: boolean };
// This backend was made with the mark; TensorFlow.js may make another one.
delete cpu.firstUse;
Object.defineProperty(cpu.constructor.prototype, "firstUse", { configurable: true, get: () => false, set: () => {} });
