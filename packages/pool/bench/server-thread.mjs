// Answers every request head with one fixed response; just enough of a protocol for wrk.
const body = 'hello\n'
const keep = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
const close = Buffer.from(
  `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
)
export const serve = (socket) => {
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => {
    if (chunk.includes('/work')) work()
    return chunk.includes('Connection: close') ? socket.end(close) : socket.write(keep)
  })
}
/** About 0.1 ms of computing, as a small page would take: the client is light beside it. */
function work() {
  let sum = 0
  for (let n = 0; n < 100_000; n++) sum = (sum * 31 + n) | 0
  return sum
}
export const startThread = () => ({ connection: serve, stats: () => process.cpuUsage() })
