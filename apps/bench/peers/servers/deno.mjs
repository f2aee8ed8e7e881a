// Deno.serve. Files by Deno.open and its readable, as Deno's manual does; text is compressed by Deno itself.
const { app, port, root, cert, key } = JSON.parse(Deno.env.get('BENCH_SERVER'))

const text = app === 'compress' ? await Deno.readTextFile(`${root}/text.txt`) : ''
const apps = {
  hello: () => new Response('Hello, World!', { headers: { 'Content-Type': 'text/plain; charset=utf-8' } }),
  echo: async (request) => Response.json(await request.json()),
  async files(request) {
    try {
      const file = await Deno.open(root + new URL(request.url).pathname)
      const { size } = await file.stat()
      return new Response(file.readable, {
        headers: { 'Content-Type': 'text/plain', 'Content-Length': String(size) },
      })
    } catch {
      return new Response('not found', { status: 404 })
    }
  },
  compress: () => new Response(text, { headers: { 'Content-Type': 'text/plain; charset=utf-8' } }),
}

Deno.serve(
  {
    port,
    hostname: '127.0.0.1',
    onListen() {},
    automaticCompression: app === 'compress',
    ...(cert && { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) }),
  },
  apps[app],
)
