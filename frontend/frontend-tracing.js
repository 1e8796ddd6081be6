// Trace the React client: send the browser's spans to an OTLP endpoint and its errors to Rollbar, and pass the trace id to
// the API. docs/browser.md says where to put this file, and what to set.
//
// REACT_APP_BACKEND_URL           the API: calls of it carry `traceparent`, and no others
// REACT_APP_OTLP_ENDPOINT         turns tracing on: the telemetry console, or a collector. Never a vendor: that needs a key
// REACT_APP_ROLLBAR_ACCESS_TOKEN  turns Rollbar on: a token with the scope post_client_item, which may be in a page
// REACT_APP_ROLLBAR_ENDPOINT      another endpoint than Rollbar's, such as the telemetry console

import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { AWSXRayIdGenerator } from '@opentelemetry/id-generator-aws-xray';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { DocumentLoadInstrumentation } from '@opentelemetry/instrumentation-document-load';
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import Rollbar from 'rollbar';

const backendUrl = process.env.REACT_APP_BACKEND_URL;
const otlpEndpoint = process.env.REACT_APP_OTLP_ENDPOINT?.replace(/\/$/, '');
const rollbarToken = process.env.REACT_APP_ROLLBAR_ACCESS_TOKEN;
const rollbarEndpoint = process.env.REACT_APP_ROLLBAR_ENDPOINT || 'https://api.rollbar.com/api/1/item/';

const tracer = trace.getTracer('frontend-react-js');
let newestCall; // the span of the newest call

function startTracing() {
  const exporter = new OTLPTraceExporter({ url: `${otlpEndpoint}/v1/traces` });
  const provider = new WebTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'frontend-react-js' }),
    idGenerator: new AWSXRayIdGenerator(), // X-Ray accepts only ids that begin with the time
    spanProcessors: [new WithoutTypedText(), new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1000 })],
  });
  provider.register();
  registerInstrumentations({
    instrumentations: [
      new DocumentLoadInstrumentation({ ignoreNetworkEvents: true }),
      new FetchInstrumentation({
        ignoreNetworkEvents: true,
        ignoreUrls: [beginsWith(otlpEndpoint), beginsWith(rollbarEndpoint)],
        propagateTraceHeaderCorsUrls: backendUrl ? [beginsWith(backendUrl)] : [],
        requestHook: (span) => (newestCall = span),
      }),
    ],
  });
}

function startRollbar() {
  return new Rollbar({
    accessToken: rollbarToken,
    endpoint: rollbarEndpoint,
    environment: process.env.NODE_ENV,
    captureUncaught: true,
    captureUnhandledRejections: true,
    autoInstrument: false, // it would send what was clicked, typed and called before the error
    transform: (item) => {
      const context = (trace.getActiveSpan() || newestCall)?.spanContext();
      if (context) item.custom = { ...item.custom, trace_id: context.traceId, span_id: context.spanId };
      if (item.request?.url) item.request = { ...item.request, url: withoutTypedText(item.request.url), query_string: '' };
    },
  });
}

// Run `work` in a span of your own. Its calls before the first `await` are in the same trace.
export function inSpan(name, work) {
  return tracer.startActiveSpan(name, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.recordException(error);
      throw error;
    } finally {
      span.end();
    }
  });
}

// Users type into query strings, and handles into paths such as /@Andrew%20Brown.
class WithoutTypedText {
  onStart() {}
  onEnd({ attributes }) {
    for (const [name, value] of Object.entries(attributes))
      if (/^https?:/.test(value)) attributes[name] = withoutTypedText(value);
  }
  forceFlush = async () => {};
  shutdown = async () => {};
}

function withoutTypedText(url) {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/@[^/]*/g, '@');
}

function beginsWith(url) {
  const literally = url.replace(/\/$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literally}(?:[/?#]|$)`); // and not another port or host that begins with it
}

if (otlpEndpoint) startTracing();
export const rollbar = rollbarToken ? startRollbar() : undefined;
