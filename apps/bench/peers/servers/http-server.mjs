import { createServer } from 'http-server'

const { port, root, cert, key } = JSON.parse(process.env.BENCH_SERVER)
createServer({
  root,
  gzip: true,
  brotli: true,
  showDir: false,
  ...(cert && { https: { cert, key } }),
}).listen(port, '127.0.0.1')
