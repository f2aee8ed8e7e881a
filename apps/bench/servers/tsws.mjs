// tsws without its command line: a handler on the engine. `tsws.root` is the checkout to take it from.

const { app, port, tsws } = JSON.parse(process.env.BENCH_SERVER)
const load = (name) =>
  import(`${tsws.root}/packages/${name}/${tsws.source ? 'src/index.ts' : 'dist/index.js'}`)
const [{ createServer }, { respond }] = await Promise.all([load('engine'), load('http')])

const apps = {
  hello: () => respond.text('Hello, World!'),
  echo: async (request) => respond.json(await request.json()),
}

await createServer(apps[app], {}).listen({ port, host: '127.0.0.1', backlog: 1024 })
