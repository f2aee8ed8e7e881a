// The floor: a fixed answer to every packet, nothing parsed. No server in JavaScript on node:net can cost less.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

const { port, cert, key, close } = JSON.parse(process.env.BENCH_SERVER)
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\nDate: ${new Date().toUTCString()}\r\n${close ? 'Connection: close\r\n' : ''}\r\nHello, World!`,
)

function onConnection(socket) {
  socket.setNoDelay(true)
  socket.on('data', close ? () => socket.end(ANSWER) : () => socket.write(ANSWER))
  socket.on('error', () => socket.destroy())
}

const server = cert
  ? createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, onConnection)
  : createServer(onConnection)
server.listen(port, '127.0.0.1', 1024)
