// Answers every request head with one fixed response; just enough of a protocol for wrk.
const body = 'hello\n'
const keep = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
const close = Buffer.from(
  `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
)
export const serve = (socket) => {
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => (chunk.includes('Connection: close') ? socket.end(close) : socket.write(keep)))
}
export const startThread = () => ({ connection: serve, stats: () => process.cpuUsage() })
