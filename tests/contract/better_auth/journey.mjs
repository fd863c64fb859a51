// The official client against our server: what it returns, what it throws, what its store sees.
// Run: node journey.mjs <base URL>

import assert from 'node:assert/strict'
import { createAuthClient } from 'better-auth/client'

const base = process.argv[2]
const password = 'correct horse battery'
const email = () => `ana-${crypto.randomUUID()}@example.org`

// Node has no cookie jar: a browser's part, as small as it can be.
function browser() {
  const cookies = new Map()
  const client = createAuthClient({
    baseURL: base,
    fetchOptions: {
      headers: { origin: base },
      onRequest: context => {
        const pairs = [...cookies].map(([name, value]) => `${name}=${value}`)
        if (pairs.length) context.headers.set('cookie', pairs.join('; '))
        return context
      },
      onResponse: ({ response }) => {
        for (const cookie of response.headers.getSetCookie()) {
          const [pair, ...attributes] = cookie.split('; ')
          const at = pair.indexOf('=')
          if (attributes.includes('Max-Age=0')) cookies.delete(pair.slice(0, at))
          else cookies.set(pair.slice(0, at), pair.slice(at + 1))
        }
      },
    },
  })
  return { client, cookies }
}

async function refused(call, status, code) {
  const { data, error } = await call
  assert.equal(data, null)
  assert.equal(error.status, status)
  assert.equal(error.code, code)
  assert.ok(error.message.length > 0)
}

const steps = {
  async 'signing up'() {
    const { client } = browser()
    const address = email()
    const { data, error } = await client.signUp.email({ name: 'Ana', email: address, password })
    assert.equal(error, null)
    assert.equal(data.user.email, address)
    assert.ok(data.user.createdAt instanceof Date)
    assert.ok(Math.abs(Date.now() - data.user.createdAt) < 60_000)
    await refused(
      client.signUp.email({ name: 'Bo', email: address, password }),
      422, 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL')
    await refused(
      client.signUp.email({ name: 'Bo', email: email(), password: 'short' }),
      400, 'PASSWORD_TOO_SHORT')
  },

  async 'nobody'() {
    const { client } = browser()
    assert.deepEqual(await client.getSession(), { data: null, error: null })
    assert.deepEqual((await client.signOut()).data, { success: true })
    await refused(client.listSessions(), 401, 'UNAUTHORIZED')
  },

  async 'a session, by call and by store'() {
    const { client } = browser()
    const { data: signedUp } = await client.signUp.email({ name: 'Ana', email: email(), password })
    const { data } = await client.getSession()
    assert.equal(data.user.id, signedUp.user.id)
    assert.equal(data.session.userId, signedUp.user.id)
    assert.ok(data.session.expiresAt instanceof Date)
    const days = (data.session.expiresAt - Date.now()) / 86_400_000
    assert.ok(days > 6.9 && days <= 7)
    const accounts = await client.listAccounts()
    assert.equal(accounts.data[0].providerId, 'credential')
    assert.deepEqual(accounts.data[0].scopes, [])
  },

  async 'signing in and out'() {
    const address = email()
    await browser().client.signUp.email({ name: 'Ana', email: address, password })
    const { client, cookies } = browser()
    await refused(
      client.signIn.email({ email: address, password: 'wrong password' }),
      401, 'INVALID_EMAIL_OR_PASSWORD')
    await refused(client.signIn.email({ email: 'nobody', password }), 400, 'INVALID_EMAIL')
    const { data } = await client.signIn.email({ email: address, password, rememberMe: false })
    assert.equal(data.redirect, false)
    assert.equal(data.user.email, address)
    assert.ok(cookies.has('better-auth.dont_remember'))
    assert.deepEqual((await client.signOut()).data, { success: true })
    assert.equal(cookies.size, 0)
    assert.equal((await client.getSession()).data, null)
  },

  async 'changing a user'() {
    const { client } = browser()
    await client.signUp.email({ name: 'Ana', email: email(), password })
    const image = 'https://example.org/ana.png'
    assert.deepEqual((await client.updateUser({ name: 'Ana B', image })).data, { status: true })
    const { data } = await client.getSession()
    assert.equal(data.user.name, 'Ana B')
    assert.equal(data.user.image, image)
    assert.equal((await client.updateUser({})).error.status, 404)
    await refused(client.updateUser({ email: email() }), 400, 'EMAIL_CAN_NOT_BE_UPDATED')
  },

  async 'several sessions'() {
    const address = email()
    const here = browser().client
    const there = browser().client
    await here.signUp.email({ name: 'Ana', email: address, password })
    await there.signIn.email({ email: address, password })
    const { data: own } = await here.getSession()
    const { data: sessions } = await here.listSessions()
    assert.equal(sessions.length, 2)
    const other = sessions.find(session => session.token !== own.session.token)
    assert.deepEqual((await here.revokeSession({ token: other.token })).data, { status: true })
    assert.equal((await there.getSession()).data, null)
    await there.signIn.email({ email: address, password })
    assert.deepEqual((await here.revokeOtherSessions()).data, { status: true })
    assert.equal((await there.getSession()).data, null)
    assert.deepEqual((await here.revokeSessions()).data, { status: true })
    assert.equal((await here.getSession()).data, null)
  },

  async 'a new password'() {
    const { client } = browser()
    const address = email()
    await client.signUp.email({ name: 'Ana', email: address, password })
    const newPassword = password + '!'
    await refused(
      client.changePassword({ currentPassword: 'wrong password', newPassword }),
      400, 'INVALID_PASSWORD')
    const { data } = await client.changePassword({
      currentPassword: password, newPassword, revokeOtherSessions: true,
    })
    assert.ok(data.token)
    assert.equal((await client.getSession()).data.session.token, data.token)
    assert.equal((await browser().client.signIn.email({ email: address, password })).error.status, 401)
  },

  async 'leaving'() {
    const { client, cookies } = browser()
    await client.signUp.email({ name: 'Ana', email: email(), password })
    await refused(client.deleteUser({ password: 'wrong password' }), 400, 'INVALID_PASSWORD')
    const { data } = await client.deleteUser({ password })
    assert.deepEqual(data, { success: true, message: 'User deleted' })
    assert.equal(cookies.size, 0)
    assert.equal((await client.getSession()).data, null)
  },
}

for (const [name, step] of Object.entries(steps)) {
  await step()
  console.log(`ok ${name}`)
}
