// Bun.serve. Files the way Bun's documentation serves them: a Response of a Bun.file.
const { app, port, root, cert, key, close, workers } = JSON.parse(process.env.BENCH_SERVER)

// Bun closes when asked to, but does not say so (RFC 9112 §9.6), and wrk would count that as an error.
const HEADERS = { 'Content-Type': 'text/plain; charset=utf-8', ...(close && { Connection: 'close' }) }

const text = app === 'compress' ? await Bun.file(`${root}/text.txt`).text() : ''
const apps = {
  hello: () => new Response('Hello, World!', { headers: HEADERS }),
  echo: async (request) => Response.json(await request.json()),
  async files(request) {
    const file = Bun.file(root + new URL(request.url).pathname)
    return (await file.exists()) ? new Response(file) : new Response('not found', { status: 404 })
  },
  compress: () =>
    new Response(Bun.gzipSync(text), {
      headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Encoding': 'gzip' },
    }),
}

if (workers > 1 && !process.env.BENCH_CHILD) {
  for (let count = 0; count < workers; count++) {
    Bun.spawn([process.execPath, import.meta.path], {
      env: { ...process.env, BENCH_CHILD: '1' },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  }
} else {
  Bun.serve({
    port,
    hostname: '127.0.0.1',
    reusePort: workers > 1,
    idleTimeout: 75,
    fetch: apps[app],
    ...(cert && { tls: { cert: Bun.file(cert), key: Bun.file(key) } }),
  })
}
