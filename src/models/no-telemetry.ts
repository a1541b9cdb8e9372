/**
 * From version 1.29 on, ONNX Runtime reports its use to its makers, and keeps a database of it in the user's cache, unless
 * this is set before its library is loaded. Imported before the runtime wherever that is.
 */
process.env.ORT_DISABLE_TELEMETRY = "1";
