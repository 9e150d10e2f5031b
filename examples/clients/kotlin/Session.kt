package com.example.shop

import com.apollographql.apollo.ApolloClient
import com.apollographql.apollo.api.http.HttpRequest
import com.apollographql.apollo.api.http.HttpResponse
import com.apollographql.apollo.network.http.HttpInterceptor
import com.apollographql.apollo.network.http.HttpInterceptorChain
import com.example.shop.api.RefreshMutation
import com.example.shop.api.SignInMutation
import com.example.shop.api.SignOutMutation
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/** Stores the refresh token of the signed-in user, encrypted by the Android keystore. Null when signed out. */
interface TokenStore {
    var refreshToken: String?
}

/** Adds the access token to each request, and replaces it once when the server refuses it. */
class Session(private val anonymous: ApolloClient, private val store: TokenStore) : HttpInterceptor {
    private val mutex = Mutex()

    @Volatile
    private var accessToken: String? = null

    override suspend fun intercept(request: HttpRequest, chain: HttpInterceptorChain): HttpResponse {
        val token = accessToken ?: refreshed(null)
        val response = chain.proceed(request.with(token))
        if (response.statusCode != 401 || token == null) return response
        response.body?.close()
        return chain.proceed(request.with(refreshed(token)))
    }

    /** Returns the errors for the form. Empty: the user is signed in. */
    suspend fun signIn(email: String, password: String): List<SignInMutation.UserError> {
        val payload = anonymous.mutation(SignInMutation(email, password)).execute().dataAssertNoErrors.login!!
        if (payload.userErrors.isEmpty()) mutex.withLock { use(payload.accessToken, payload.refreshToken) }
        return payload.userErrors
    }

    suspend fun signOut() = mutex.withLock {
        store.refreshToken?.let { anonymous.mutation(SignOutMutation(it)).execute().dataAssertNoErrors }
        use(null, null)
    }

    /**
     * Returns the access token after `used`, or null when the session has ended: show the sign-in form. Concurrent
     * requests share one refresh. One that got no response is repeated with the same token.
     */
    private suspend fun refreshed(used: String?): String? = mutex.withLock {
        if (accessToken != used) return@withLock accessToken
        val token = store.refreshToken ?: return@withLock null
        val payload = anonymous.mutation(RefreshMutation(token)).execute().dataAssertNoErrors.refreshToken!!
        // With errors both tokens are null.
        use(payload.accessToken, payload.refreshToken)
        accessToken
    }

    private fun use(access: String?, refresh: String?) {
        accessToken = access
        store.refreshToken = refresh
    }
}

private fun HttpRequest.with(token: String?): HttpRequest =
    if (token == null) this else newBuilder().addHeader("Authorization", "Bearer $token").build()
