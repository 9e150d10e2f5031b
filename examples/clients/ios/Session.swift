import Apollo
import Foundation
import ShopAPI

/// Stores the refresh token of the signed-in user in the keychain. `nil` when signed out.
protocol TokenStore: Sendable {
  func load() -> String?
  func save(_ refreshToken: String?)
}

/// The response had errors and no payload, for example `RATE_LIMITED`.
struct ShopError: Error {
  let errors: [GraphQLError]
}

/// The tokens of the signed-in user.
actor Session {
  private let anonymous: ApolloClient
  private let store: any TokenStore
  private var accessToken: String?
  private var refreshing: Task<String?, any Error>?

  init(anonymous: ApolloClient, store: any TokenStore) {
    self.anonymous = anonymous
    self.store = store
  }

  /// Returns the errors for the form. Empty: the user is signed in.
  func signIn(email: String, password: String) async throws -> [SignInMutation.Data.Login.UserError] {
    let response = try await anonymous.perform(mutation: SignInMutation(email: email, password: password))
    guard let payload = response.data?.login else { throw ShopError(errors: response.errors ?? []) }
    if payload.userErrors.isEmpty { use(access: payload.accessToken, refresh: payload.refreshToken) }
    return payload.userErrors
  }

  func signOut() async throws {
    if let token = store.load() {
      _ = try await anonymous.perform(mutation: SignOutMutation(refreshToken: token))
    }
    use(access: nil, refresh: nil)
  }

  func token() async throws -> String? {
    if let accessToken { return accessToken }
    return try await refreshed(after: nil)
  }

  /// Returns the access token after `used`, or `nil` when the session has ended: show the sign-in form. Concurrent
  /// requests share one refresh. One that got no response is repeated with the same token.
  func refreshed(after used: String?) async throws -> String? {
    if accessToken != used { return accessToken }
    if let refreshing { return try await refreshing.value }
    let task = Task { try await self.refresh() }
    refreshing = task
    defer { refreshing = nil }
    return try await task.value
  }

  private func refresh() async throws -> String? {
    guard let token = store.load() else { return nil }
    let response = try await anonymous.perform(mutation: RefreshMutation(refreshToken: token))
    guard let payload = response.data?.refreshToken else { throw ShopError(errors: response.errors ?? []) }
    // With errors both tokens are nil.
    use(access: payload.accessToken, refresh: payload.refreshToken)
    return accessToken
  }

  private func use(access: String?, refresh: String?) {
    accessToken = access
    store.save(refresh)
  }
}

/// Adds the access token to each request, and replaces it once when the server refuses it.
struct SessionInterceptor: HTTPInterceptor {
  let session: Session

  func intercept(request: URLRequest, next: NextHTTPInterceptorFunction) async throws -> HTTPResponse {
    let token = try await session.token()
    let response = try await next(with(token, request))
    guard response.response.statusCode == 401, token != nil else { return response }
    return try await next(with(session.refreshed(after: token), request))
  }

  private func with(_ token: String?, _ request: URLRequest) -> URLRequest {
    var request = request
    if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    return request
  }
}
