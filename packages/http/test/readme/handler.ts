import { compose, HttpError, respond } from '@tsws/http'
import type { Handler, Middleware } from '@tsws/http'

const notes = new Map([['1', 'buy milk']])

/** Answers at once: nothing here waits. */
const showNote: Handler = (request) => {
  const text = notes.get(request.pathname.slice('/notes/'.length))
  if (text === undefined) throw new HttpError(404, 'no such note')
  return respond.json({ text })
}

/** Lets `PUT /notes/1` change a note, and passes everything else on. */
const putNote: Middleware = async (request, next) => {
  if (request.method !== 'PUT') return next(request)
  const text = await request.text({ limit: 1024 }) // more than 1024 bytes: 413
  notes.set(request.pathname.slice('/notes/'.length), text)
  return respond.empty()
}

export const handler = compose([putNote], showNote)
