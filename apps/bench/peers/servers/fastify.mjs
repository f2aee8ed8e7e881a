import { readFileSync } from 'node:fs'
import Fastify from 'fastify'

const { app, port, root, cert, key, http2 } = JSON.parse(process.env.BENCH_SERVER)

const fastify = Fastify({
  logger: false,
  keepAliveTimeout: 75_000,
  ...(http2 && { http2: true }),
  ...(cert && { https: { cert: readFileSync(cert), key: readFileSync(key) } }),
})

if (app === 'hello') {
  fastify.get('/hello.txt', (request, reply) => {
    reply.type('text/plain; charset=utf-8').send('Hello, World!')
  })
} else if (app === 'echo') {
  fastify.post('/echo', { bodyLimit: 1 << 20 }, (request, reply) => {
    reply.send(request.body)
  })
} else if (app === 'files') {
  const { default: fastifyStatic } = await import('@fastify/static')
  await fastify.register(fastifyStatic, { root, preCompressed: true })
} else if (app === 'compress') {
  const { default: compress } = await import('@fastify/compress')
  await fastify.register(compress)
  const text = readFileSync(`${root}/text.txt`, 'utf8')
  fastify.get('/text.txt', (request, reply) => {
    reply.type('text/plain; charset=utf-8').send(text)
  })
} else if (app.startsWith('compress-json')) {
  const { default: compress } = await import('@fastify/compress')
  await fastify.register(compress, { zlibOptions: { level: 6 } })
  const json = readFileSync(`${root}/data.json`, 'utf8')
  fastify.get('/data.json', (request, reply) => {
    reply.type('application/json').send(json)
  })
}
await fastify.listen({ port, host: '127.0.0.1', backlog: 1024 })
