// The stream of changes. A browser opens six connections to a host, and a stream takes one. So a page keeps it open only
// while it is visible.

const RECONNECT_MS = 5000;

export class Listener {
  // does: changed(trace id), all() if the list must be loaded again, state() when the connection is lost or restored.
  constructor(does) {
    this.does = does;
    this.lost = false;
    this.source = null;
  }

  start() {
    document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? this.leave() : this.listen()));
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", () => this.listen()); // Again, where the browser kept the page for its Back button.
    this.listen();
  }

  listen() {
    if (this.source || document.visibilityState === "hidden") return;
    const stream = new EventSource("/live");
    this.source = stream;
    stream.addEventListener("trace", (event) => this.does.changed(event.lastEventId));
    stream.addEventListener("skipped", () => this.does.all());
    stream.addEventListener("open", () => {
      this.lost = false;
      this.does.state();
      this.does.all(); // What came between the page and the stream.
    });
    stream.addEventListener("error", () => {
      this.lost = true;
      this.does.state();
      if (stream.readyState !== EventSource.CLOSED) return;
      this.source = null;
      setTimeout(() => this.listen(), RECONNECT_MS);
    });
  }

  leave() {
    this.source?.close();
    this.source = null;
  }
}
