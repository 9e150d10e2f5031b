package com.example.shop

import com.apollographql.apollo.ApolloClient
import com.apollographql.apollo.api.Optional
import com.apollographql.apollo.api.toUpload
import com.example.shop.api.ProductsQuery
import com.example.shop.api.UploadAvatarMutation
import java.io.File

/** The shop's API, for example `Shop("http://10.0.2.2:8000/graphql", store)` in the Android emulator. */
class Shop(serverUrl: String, store: TokenStore) {
    // Names the app and the device in the user's list of sessions.
    private val anonymous = ApolloClient.Builder()
        .serverUrl(serverUrl)
        .addHttpHeader("User-Agent", "ExampleShop/1.0 (Android)")
        .build()

    val session = Session(anonymous, store)
    private val client = anonymous.newBuilder().addHttpInterceptor(session).build()

    /** Returns a page of products: the first one, or the one after `pageInfo.endCursor` of another. */
    suspend fun products(after: String? = null, search: String? = null): ProductsQuery.Products {
        val query = ProductsQuery(
            first = 20,
            after = Optional.presentIfNotNull(after),
            search = Optional.presentIfNotNull(search),
        )
        return client.query(query).execute().dataAssertNoErrors.products
    }

    /** Uploads an avatar as a multipart request. Returns the errors for the form. */
    suspend fun uploadAvatar(photo: File): List<UploadAvatarMutation.UserError> {
        val mutation = UploadAvatarMutation(photo.toUpload("image/jpeg"))
        return client.mutation(mutation).execute().dataAssertNoErrors.uploadAvatar!!.userErrors
    }
}
