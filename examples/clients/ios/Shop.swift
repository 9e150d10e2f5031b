import Apollo
import ApolloAPI
import Foundation
import ShopAPI

/// The shop's API, for example `Shop(url: URL(string: "http://127.0.0.1:8000/graphql")!, store: store)` in the simulator.
final class Shop: Sendable {
  let session: Session
  private let client: ApolloClient

  init(url: URL, store: any TokenStore) {
    let anonymous = Shop.client(url: url, interceptors: DefaultInterceptorProvider.shared)
    session = Session(anonymous: anonymous, store: store)
    client = Shop.client(url: url, interceptors: SessionInterceptors(session: session))
  }

  /// Returns a page of products: the first one, or the one after `pageInfo.endCursor` of another.
  func products(after: String? = nil, search: String? = nil) async throws -> ProductsQuery.Data.Products {
    let query = ProductsQuery(first: 20, after: after.map { .some($0) } ?? .none, search: search.map { .some($0) } ?? .none)
    // The addresses of images expire, so a stored page is only for times without a network.
    let response = try await client.fetch(query: query, cachePolicy: .networkFirst)
    guard let products = response.data?.products else { throw ShopError(errors: response.errors ?? []) }
    return products
  }

  /// Uploads an avatar as a multipart request. Returns the errors for the form.
  func uploadAvatar(photo: URL) async throws -> [UploadAvatarMutation.Data.UploadAvatar.UserError] {
    // Apollo iOS puts files in variables of the operation only, not in fields of an input.
    let file = try GraphQLFile(
      fieldName: "file", originalName: photo.lastPathComponent, mimeType: "image/jpeg", fileURL: photo)
    let response = try await client.upload(operation: UploadAvatarMutation(file: file.originalName), files: [file])
    guard let payload = response.data?.uploadAvatar else { throw ShopError(errors: response.errors ?? []) }
    return payload.userErrors
  }

  private static func client(url: URL, interceptors: any InterceptorProvider) -> ApolloClient {
    let store = ApolloStore()
    let transport = RequestChainNetworkTransport(
      urlSession: URLSession(configuration: .default),
      interceptorProvider: interceptors,
      store: store,
      endpointURL: url,
      additionalHeaders: [
        // Multipart requests need this header.
        "apollo-require-preflight": "true",
        // Names the app and the device in the user's list of sessions.
        "User-Agent": "ExampleShop/1.0 (iOS)",
      ])
    return ApolloClient(networkTransport: transport, store: store)
  }
}

private struct SessionInterceptors: InterceptorProvider {
  let session: Session

  func httpInterceptors<Operation: GraphQLOperation>(for operation: Operation) -> [any HTTPInterceptor] {
    [SessionInterceptor(session: session), ResponseCodeInterceptor()]
  }
}
