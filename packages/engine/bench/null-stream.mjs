import { EventEmitter } from 'node:events'

/** The least that a stream has to be; it takes everything. */
export class NullStream extends EventEmitter {
  writableLength = 0
  writableNeedDrain = false
  /** Bytes. */
  written = 0
  /** Writes that began an answer. */
  answers = 0
  write(piece) {
    this.written += piece.length
    if (typeof piece === 'string' ? piece.startsWith('HTTP/1.1 200 ') : piece[0] === 72) this.answers++
    return true
  }
  cork() {}
  uncork() {}
  end() {}
  isPaused() {
    return false
  }
  resume() {}
  pause() {}
  destroy() {}
}
