// Five layers that pass on, around a handler that only answers: what a layer costs. Each counts
// that it was passed, so that none can be compiled away.
import composeKoa from 'koa-compose'

const LAYERS = 5

export async function prepare(load) {
  const { compose } = await load('http')
  const response = { status: 200 }
  const ours = compose(
    layers(() => (request, next) => {
      request.seen++
      return next(request)
    }),
    () => response,
  )
  const oursAsync = compose(
    layers(() => async (request, next) => {
      request.seen++
      return await next(request)
    }),
    async () => response,
  )
  const answer = (context) => {
    context.response = response
  }
  const koaPlain = composeKoa([
    ...layers(() => (context, next) => {
      context.seen++
      return next()
    }),
    answer,
  ])
  const koaAsync = composeKoa([
    ...layers(() => async (context, next) => {
      context.seen++
      await next()
    }),
    answer,
  ])
  const check = (context) => context.response === response && context.seen === LAYERS
  return {
    cases: [
      { group: 'five layers', name: 'tsws, synchronous', run: tsws(ours), check },
      {
        group: 'five layers',
        name: 'tsws, async functions',
        run: tsws(oursAsync),
        asynchronous: true,
        check,
      },
      {
        group: 'five layers',
        name: 'koa-compose, plain functions',
        run: koa(koaPlain),
        asynchronous: true,
        check,
      },
      {
        group: 'five layers',
        name: 'koa-compose, async functions',
        run: koa(koaAsync),
        asynchronous: true,
        check,
      },
    ],
  }
}

const layers = (make) => Array.from({ length: LAYERS }, make)

const koa = (run) => async () => {
  const context = { seen: 0, response: null }
  await run(context)
  return context
}

const tsws = (run) => () => {
  const request = { seen: 0, response: null }
  const result = run(request)
  if (result instanceof Promise) {
    return result.then((response) => {
      request.response = response
      return request
    })
  }
  request.response = result
  return request
}
