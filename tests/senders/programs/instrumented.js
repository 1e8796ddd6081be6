// OpenTelemetry's SDK for Node as its documentation sets it up: node --require ./instrumented.js orders.js
const { NodeSDK } = require("@opentelemetry/sdk-node");
const { ExpressInstrumentation } = require("@opentelemetry/instrumentation-express");
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const { UndiciInstrumentation } = require("@opentelemetry/instrumentation-undici");
const { WinstonInstrumentation } = require("@opentelemetry/instrumentation-winston");

const sdk = new NodeSDK({
  instrumentations: [
    new HttpInstrumentation(),
    new ExpressInstrumentation(),
    new UndiciInstrumentation(), // fetch()
    new WinstonInstrumentation(),
  ],
});
sdk.start();
process.on("SIGTERM", () => sdk.shutdown().finally(() => process.exit(0)));
