/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  mutation UploadAvatar($file: Upload!) {\n    uploadAvatar(file: $file) {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.UploadAvatarDocument,
    "\n  mutation DeleteAvatar {\n    deleteAvatar {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.DeleteAvatarDocument,
    "\n  mutation UpdateName($name: String!) {\n    updateMe(input: { name: $name }) {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.UpdateNameDocument,
    "\n  mutation ForgotPassword($email: String!) {\n    forgotPassword(input: { email: $email }) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.ForgotPasswordDocument,
    "\n  mutation ResetPassword($input: ResetPasswordInput!) {\n    resetPassword(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.ResetPasswordDocument,
    "\n  query Sessions {\n    sessions {\n      id\n      userAgent\n      address\n      lastUsedAt\n      current\n    }\n  }\n": typeof types.SessionsDocument,
    "\n  mutation RevokeSession($id: ID!) {\n    revokeSession(input: { id: $id }) {\n      sessionId\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.RevokeSessionDocument,
    "\n  mutation LogoutAll {\n    logoutAll {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.LogoutAllDocument,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.RegisterDocument,
    "\n  mutation VerifyEmail($email: String!, $otp: String!) {\n    verifyEmail(input: { email: $email, otp: $otp }) {\n      user {\n        id\n        hasPassword\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.VerifyEmailDocument,
    "\n  mutation ResendOtp($email: String!) {\n    resendOtp(input: { email: $email }) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.ResendOtpDocument,
    "\n  mutation Login($email: String!, $password: String!) {\n    login(input: { email: $email, password: $password, refreshTokenIn: COOKIE }) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        code\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.LoginDocument,
    "\n  mutation Logout {\n    logout {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.LogoutDocument,
    "\n  fragment Viewer on User {\n    id\n    name\n    email\n    role\n    avatar {\n      id\n      url(transform: { width: 160, height: 160, fit: COVER })\n    }\n  }\n": typeof types.ViewerFragmentDoc,
    "\n  query Viewer {\n    me {\n      ...Viewer\n    }\n  }\n": typeof types.ViewerDocument,
    "\n  fragment ImageForm on Image {\n    id\n    alt\n    ...ResponsiveImage\n  }\n": typeof types.ImageFormFragmentDoc,
    "\n  mutation UpdateProductImage($id: ID!, $alt: String!) {\n    updateProductImage(input: { id: $id, alt: $alt }) {\n      image {\n        id\n        alt\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.UpdateProductImageDocument,
    "\n  mutation DeleteProductImage($id: ID!) {\n    deleteProductImage(input: { id: $id }) {\n      imageId\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.DeleteProductImageDocument,
    "\n  mutation UploadProductImage($productId: ID!, $file: Upload!) {\n    uploadProductImages(input: { productId: $productId, files: [$file] }) {\n      images {\n        id\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.UploadProductImageDocument,
    "\n  query ProductImages($id: ID!) {\n    product(id: $id) {\n      id\n      name\n      slug\n      images {\n        id\n        ...ImageForm\n      }\n    }\n  }\n": typeof types.ProductImagesDocument,
    "\n  fragment ProductRow on Product {\n    id\n    name\n    stock\n    status\n    price {\n      amount\n      currency\n    }\n  }\n": typeof types.ProductRowFragmentDoc,
    "\n  mutation UpdateProduct($input: UpdateProductInput!) {\n    updateProduct(input: $input) {\n      product {\n        id\n        slug\n        inStock\n        availability\n        ...ProductRow\n      }\n      userErrors {\n        currentStock\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.UpdateProductDocument,
    "\n  query AdminProducts($search: String, $filter: ProductFilter, $after: String) {\n    products(search: $search, filter: $filter, first: 20, after: $after, sort: { field: NAME }) {\n      totalCount\n      edges {\n        node {\n          id\n          ...ProductRow\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.AdminProductsDocument,
    "\n  mutation ExchangeOAuthCode($code: String!, $verifier: String!) {\n    exchangeOAuthCode(input: { code: $code, verifier: $verifier, refreshTokenIn: COOKIE }) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        message\n      }\n    }\n  }\n": typeof types.ExchangeOAuthCodeDocument,
    "\n  mutation Renew {\n    refreshToken(input: {}) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        code\n      }\n    }\n  }\n": typeof types.RenewDocument,
    "\n  query Shop {\n    shop {\n      name\n      currency {\n        code\n        decimals\n      }\n      signInMethods\n      shippingCountries\n      paymentMethods {\n        provider\n        name\n        description\n      }\n      stripePublishableKey\n      limits {\n        passwordMinLength\n        passwordMaxLength\n        emailMaxLength\n        nameMaxLength\n        searchMaxLength\n        altMaxLength\n        imageTypes\n        imageMaxBytes\n        avatarMaxBytes\n      }\n    }\n  }\n": typeof types.ShopDocument,
    "\n  fragment CartLine on CartLine {\n    id\n    quantity\n    attributes {\n      name\n      value\n    }\n    total {\n      ...Price\n    }\n    variant {\n      id\n      maxQuantity\n      options {\n        name\n        value\n      }\n      image {\n        ...ResponsiveImage\n      }\n      product {\n        id\n        name\n        slug\n        image {\n          ...ResponsiveImage\n        }\n      }\n    }\n  }\n": typeof types.CartLineFragmentDoc,
    "\n  mutation UpdateCartLine($line: CartLineUpdateInput!) {\n    updateCartLines(input: { lines: [$line] }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.UpdateCartLineDocument,
    "\n  fragment CartTotals on CartTotals {\n    items {\n      amount\n      currency\n    }\n    discount {\n      amount\n      currency\n    }\n    shipping {\n      amount\n      currency\n    }\n    taxIncluded\n    total {\n      amount\n      currency\n    }\n    taxes {\n      name\n      rate\n      tax {\n        amount\n        currency\n      }\n    }\n  }\n": typeof types.CartTotalsFragmentDoc,
    "\n  fragment Cart on Cart {\n    id\n    quantity\n    email\n    lines {\n      id\n      variant {\n        id\n        requiresShipping\n      }\n      ...CartLine\n    }\n    problems {\n      code\n      message\n      lineId\n      discountCode\n    }\n    readyToOrder\n    totals {\n      total {\n        amount\n        currency\n      }\n      ...CartTotals\n    }\n    shippingAddress {\n      ...PostalAddress\n    }\n    shippingMethods {\n      ...ShippingMethod\n    }\n    shippingMethod {\n      methodId\n    }\n    discountCodes {\n      code\n      applied\n    }\n  }\n": typeof types.CartFragmentDoc,
    "\n  query Cart {\n    cart {\n      ...Cart\n    }\n  }\n": typeof types.CartDocument,
    "\n  mutation CreateCart($line: CartLineInput!) {\n    createCart(input: { lines: [$line], tokenIn: COOKIE }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.CreateCartDocument,
    "\n  mutation AddCartLine($line: CartLineInput!) {\n    addCartLines(input: { lines: [$line] }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.AddCartLineDocument,
    "\n  mutation ClaimCart {\n    claimCart {\n      cart {\n        id\n      }\n    }\n  }\n": typeof types.ClaimCartDocument,
    "\n  mutation UpdateCart($input: UpdateCartInput!) {\n    updateCart(input: $input) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.UpdateCartDocument,
    "\n  fragment Breadcrumbs on Category {\n    id\n    name\n    slug\n    ancestors {\n      id\n      name\n      slug\n    }\n  }\n": typeof types.BreadcrumbsFragmentDoc,
    "\n  query CategoryPage(\n    $slug: String!\n    $first: Int!\n    $after: String\n    $filter: ProductFilter\n    $sort: ProductSort\n    $withFacets: Boolean!\n  ) {\n    category(slug: $slug) {\n      id\n      name\n      slug\n      description\n      level\n      ...Breadcrumbs\n      products(first: $first, after: $after, filter: $filter, sort: $sort) {\n        ...ProductList\n      }\n    }\n  }\n": typeof types.CategoryPageDocument,
    "\n  fragment Facets on ProductFacets {\n    categories(first: 12) {\n      values {\n        count\n        category {\n          id\n          name\n          level\n        }\n      }\n    }\n    price {\n      buckets {\n        count\n        from {\n          amount\n          currency\n        }\n        to {\n          amount\n          currency\n        }\n      }\n    }\n    stock {\n      inStock\n    }\n    attributes(first: 12) {\n      attribute {\n        id\n        code\n        name\n        unit\n      }\n      choices {\n        count\n        choice {\n          id\n          code\n          name\n          swatch\n        }\n      }\n      boolean {\n        trueCount\n      }\n      number {\n        min\n        max\n      }\n    }\n  }\n": typeof types.FacetsFragmentDoc,
    "\n  fragment GalleryImage on Image {\n    id\n    ...ResponsiveImage\n  }\n": typeof types.GalleryImageFragmentDoc,
    "\n  query HomePage {\n    categories(filter: { level: 0 }, first: 4) {\n      nodes {\n        id\n        name\n        slug\n        description\n        products(first: 3, sort: { field: PRICE, direction: DESC }) {\n          edges {\n            node {\n              id\n              image {\n                id\n                ...ResponsiveImage\n              }\n            }\n          }\n        }\n      }\n    }\n    products(first: 8, sort: { field: CREATED_AT, direction: DESC }) {\n      edges {\n        node {\n          id\n          ...ProductCard\n        }\n      }\n    }\n  }\n": typeof types.HomePageDocument,
    "\n  fragment ProductCard on Product {\n    id\n    name\n    slug\n    availability\n    price {\n      ...Price\n    }\n    image {\n      ...ResponsiveImage\n    }\n  }\n": typeof types.ProductCardFragmentDoc,
    "\n  fragment ProductList on ProductConnection {\n    totalCount\n    totalCountIsExact\n    edges {\n      node {\n        id\n        ...ProductCard\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    facets @include(if: $withFacets) {\n      ...Facets\n    }\n  }\n": typeof types.ProductListFragmentDoc,
    "\n  query ProductPage($slug: String!) {\n    product(slug: $slug) {\n      id\n      name\n      slug\n      sku\n      description\n      availability\n      stock\n      price {\n        ...Price\n      }\n      category {\n        id\n        ...Breadcrumbs\n      }\n      images {\n        id\n        ...GalleryImage\n      }\n      ...Variants\n    }\n  }\n": typeof types.ProductPageDocument,
    "\n  fragment SearchNotice on ProductConnection {\n    searchInfo {\n      matched\n      corrected\n      ignoredWords\n    }\n  }\n": typeof types.SearchNoticeFragmentDoc,
    "\n  query SearchPage(\n    $search: String\n    $first: Int!\n    $after: String\n    $filter: ProductFilter\n    $sort: ProductSort\n    $withFacets: Boolean!\n  ) {\n    products(search: $search, first: $first, after: $after, filter: $filter, sort: $sort) {\n      ...SearchNotice\n      ...ProductList\n    }\n  }\n": typeof types.SearchPageDocument,
    "\n  fragment Variants on Product {\n    options {\n      id\n      name\n      values {\n        id\n        name\n        swatch\n      }\n    }\n    variants(first: 100) {\n      id\n      sku\n      stock\n      availability\n      maxQuantity\n      price {\n        ...Price\n      }\n      options {\n        name\n        value\n      }\n    }\n  }\n": typeof types.VariantsFragmentDoc,
    "\n  mutation PlaceOrder($input: PlaceOrderInput!) {\n    placeOrder(input: $input) {\n      order {\n        id\n      }\n      orderToken\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.PlaceOrderDocument,
    "\n  fragment PostalAddress on PostalAddress {\n    name\n    company\n    street1\n    street2\n    city\n    region\n    postalCode\n    country\n    phone\n  }\n": typeof types.PostalAddressFragmentDoc,
    "\n  fragment ShippingMethod on ShippingQuote {\n    methodId\n    name\n    description\n    minDays\n    maxDays\n    price {\n      ...Price\n    }\n  }\n": typeof types.ShippingMethodFragmentDoc,
    "\n  query Addresses {\n    me {\n      id\n      addresses {\n        id\n        name\n        company\n        street1\n        street2\n        city\n        region\n        postalCode\n        country\n        phone\n      }\n    }\n  }\n": typeof types.AddressesDocument,
    "\n  mutation CreateAddress($input: CreateAddressInput!) {\n    createAddress(input: $input) {\n      address {\n        id\n      }\n    }\n  }\n": typeof types.CreateAddressDocument,
    "\n  query CategoryMenu {\n    categories(filter: { level: 0 }, first: 12) {\n      nodes {\n        id\n        name\n        slug\n        children {\n          id\n          name\n          slug\n        }\n      }\n    }\n  }\n": typeof types.CategoryMenuDocument,
    "\n  query SearchSuggestions($prefix: String!) {\n    searchSuggestions(prefix: $prefix, first: 7) {\n      text\n      query\n      category {\n        id\n        slug\n      }\n      product {\n        id\n        slug\n      }\n    }\n  }\n": typeof types.SearchSuggestionsDocument,
    "\n  query ClientSecret($id: ID!, $token: String) {\n    order(id: $id, token: $token) {\n      id\n      payments {\n        id\n        clientSecret\n      }\n    }\n  }\n": typeof types.ClientSecretDocument,
    "\n  mutation SyncPayment($input: SyncPaymentInput!) {\n    syncPayment(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.SyncPaymentDocument,
    "\n  fragment OrderLine on OrderLine {\n    id\n    name\n    options {\n      name\n      value\n    }\n    attributes {\n      name\n      value\n    }\n    quantity\n    canceled\n    fulfilled\n    returned\n    total {\n      ...Price\n    }\n    image {\n      ...ResponsiveImage\n    }\n  }\n": typeof types.OrderLineFragmentDoc,
    "\n  mutation SendOrderLink($input: SendOrderLinkInput!) {\n    sendOrderLink(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.SendOrderLinkDocument,
    "\n  fragment Order on Order {\n    id\n    number\n    status\n    placedAt\n    email\n    ...OrderStatus\n    ...PaymentStep\n    lines {\n      id\n      ...OrderLine\n    }\n    totals {\n      items {\n        amount\n        currency\n      }\n      discount {\n        amount\n        currency\n      }\n      shipping {\n        amount\n        currency\n      }\n      taxIncluded\n      total {\n        amount\n        currency\n      }\n      taxes {\n        name\n        rate\n        tax {\n          amount\n          currency\n        }\n      }\n    }\n    shippingMethodName\n    shippingAddress {\n      ...PostalAddress\n    }\n    ...Shipments\n    ...Refunds\n  }\n": typeof types.OrderFragmentDoc,
    "\n  query Order($id: ID!, $token: String) {\n    order(id: $id, token: $token) {\n      ...Order\n      ...WaitingForStripe\n    }\n  }\n": typeof types.OrderDocument,
    "\n  fragment WaitingForStripe on Order {\n    status\n    payments {\n      id\n      provider\n      status\n    }\n  }\n": typeof types.WaitingForStripeFragmentDoc,
    "\n  query Orders($after: String) {\n    me {\n      id\n      orders(first: 10, after: $after) {\n        edges {\n          node {\n            id\n            number\n            placedAt\n            ...OrderStatus\n            lines {\n              id\n              quantity\n            }\n            totals {\n              total {\n                ...Price\n              }\n            }\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": typeof types.OrdersDocument,
    "\n  fragment PaymentStep on Order {\n    id\n    status\n    paymentStatus\n    payUntil\n    payments {\n      id\n      provider\n      status\n      lastError\n      instructions\n      amount {\n        amount\n        currency\n      }\n    }\n  }\n": typeof types.PaymentStepFragmentDoc,
    "\n  mutation FinishTestPayment($input: FinishTestPaymentInput!) {\n    finishTestPayment(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.FinishTestPaymentDocument,
    "\n  mutation CancelOrder($input: CancelOrderInput!) {\n    cancelOrder(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": typeof types.CancelOrderDocument,
    "\n  fragment Refunds on Order {\n    id\n    refunds {\n      id\n      amount {\n        ...Price\n      }\n      reason\n      status\n      createdAt\n    }\n  }\n": typeof types.RefundsFragmentDoc,
    "\n  fragment Shipments on Order {\n    id\n    fulfillments {\n      id\n      lines {\n        line {\n          id\n          name\n        }\n        quantity\n      }\n      trackingCompany\n      trackingNumber\n      trackingUrl\n      createdAt\n      canceledAt\n    }\n  }\n": typeof types.ShipmentsFragmentDoc,
    "\n  fragment OrderStatus on Order {\n    status\n    paymentStatus\n    fulfillmentStatus\n  }\n": typeof types.OrderStatusFragmentDoc,
    "\n  fragment Price on Money {\n    amount\n    currency\n  }\n": typeof types.PriceFragmentDoc,
    "\n  fragment ResponsiveImage on Image {\n    id\n    url(transform: { width: 640 })\n    srcSet\n    width\n    height\n    alt\n    placeholder\n  }\n": typeof types.ResponsiveImageFragmentDoc,
    "\n  fragment FormErrors on UserError {\n    field\n    message\n  }\n": typeof types.FormErrorsFragmentDoc,
};
const documents: Documents = {
    "\n  mutation UploadAvatar($file: Upload!) {\n    uploadAvatar(file: $file) {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.UploadAvatarDocument,
    "\n  mutation DeleteAvatar {\n    deleteAvatar {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.DeleteAvatarDocument,
    "\n  mutation UpdateName($name: String!) {\n    updateMe(input: { name: $name }) {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.UpdateNameDocument,
    "\n  mutation ForgotPassword($email: String!) {\n    forgotPassword(input: { email: $email }) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.ForgotPasswordDocument,
    "\n  mutation ResetPassword($input: ResetPasswordInput!) {\n    resetPassword(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.ResetPasswordDocument,
    "\n  query Sessions {\n    sessions {\n      id\n      userAgent\n      address\n      lastUsedAt\n      current\n    }\n  }\n": types.SessionsDocument,
    "\n  mutation RevokeSession($id: ID!) {\n    revokeSession(input: { id: $id }) {\n      sessionId\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.RevokeSessionDocument,
    "\n  mutation LogoutAll {\n    logoutAll {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.LogoutAllDocument,
    "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.RegisterDocument,
    "\n  mutation VerifyEmail($email: String!, $otp: String!) {\n    verifyEmail(input: { email: $email, otp: $otp }) {\n      user {\n        id\n        hasPassword\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.VerifyEmailDocument,
    "\n  mutation ResendOtp($email: String!) {\n    resendOtp(input: { email: $email }) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.ResendOtpDocument,
    "\n  mutation Login($email: String!, $password: String!) {\n    login(input: { email: $email, password: $password, refreshTokenIn: COOKIE }) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        code\n        ...FormErrors\n      }\n    }\n  }\n": types.LoginDocument,
    "\n  mutation Logout {\n    logout {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.LogoutDocument,
    "\n  fragment Viewer on User {\n    id\n    name\n    email\n    role\n    avatar {\n      id\n      url(transform: { width: 160, height: 160, fit: COVER })\n    }\n  }\n": types.ViewerFragmentDoc,
    "\n  query Viewer {\n    me {\n      ...Viewer\n    }\n  }\n": types.ViewerDocument,
    "\n  fragment ImageForm on Image {\n    id\n    alt\n    ...ResponsiveImage\n  }\n": types.ImageFormFragmentDoc,
    "\n  mutation UpdateProductImage($id: ID!, $alt: String!) {\n    updateProductImage(input: { id: $id, alt: $alt }) {\n      image {\n        id\n        alt\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.UpdateProductImageDocument,
    "\n  mutation DeleteProductImage($id: ID!) {\n    deleteProductImage(input: { id: $id }) {\n      imageId\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.DeleteProductImageDocument,
    "\n  mutation UploadProductImage($productId: ID!, $file: Upload!) {\n    uploadProductImages(input: { productId: $productId, files: [$file] }) {\n      images {\n        id\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.UploadProductImageDocument,
    "\n  query ProductImages($id: ID!) {\n    product(id: $id) {\n      id\n      name\n      slug\n      images {\n        id\n        ...ImageForm\n      }\n    }\n  }\n": types.ProductImagesDocument,
    "\n  fragment ProductRow on Product {\n    id\n    name\n    stock\n    status\n    price {\n      amount\n      currency\n    }\n  }\n": types.ProductRowFragmentDoc,
    "\n  mutation UpdateProduct($input: UpdateProductInput!) {\n    updateProduct(input: $input) {\n      product {\n        id\n        slug\n        inStock\n        availability\n        ...ProductRow\n      }\n      userErrors {\n        currentStock\n        ...FormErrors\n      }\n    }\n  }\n": types.UpdateProductDocument,
    "\n  query AdminProducts($search: String, $filter: ProductFilter, $after: String) {\n    products(search: $search, filter: $filter, first: 20, after: $after, sort: { field: NAME }) {\n      totalCount\n      edges {\n        node {\n          id\n          ...ProductRow\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.AdminProductsDocument,
    "\n  mutation ExchangeOAuthCode($code: String!, $verifier: String!) {\n    exchangeOAuthCode(input: { code: $code, verifier: $verifier, refreshTokenIn: COOKIE }) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        message\n      }\n    }\n  }\n": types.ExchangeOAuthCodeDocument,
    "\n  mutation Renew {\n    refreshToken(input: {}) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        code\n      }\n    }\n  }\n": types.RenewDocument,
    "\n  query Shop {\n    shop {\n      name\n      currency {\n        code\n        decimals\n      }\n      signInMethods\n      shippingCountries\n      paymentMethods {\n        provider\n        name\n        description\n      }\n      stripePublishableKey\n      limits {\n        passwordMinLength\n        passwordMaxLength\n        emailMaxLength\n        nameMaxLength\n        searchMaxLength\n        altMaxLength\n        imageTypes\n        imageMaxBytes\n        avatarMaxBytes\n      }\n    }\n  }\n": types.ShopDocument,
    "\n  fragment CartLine on CartLine {\n    id\n    quantity\n    attributes {\n      name\n      value\n    }\n    total {\n      ...Price\n    }\n    variant {\n      id\n      maxQuantity\n      options {\n        name\n        value\n      }\n      image {\n        ...ResponsiveImage\n      }\n      product {\n        id\n        name\n        slug\n        image {\n          ...ResponsiveImage\n        }\n      }\n    }\n  }\n": types.CartLineFragmentDoc,
    "\n  mutation UpdateCartLine($line: CartLineUpdateInput!) {\n    updateCartLines(input: { lines: [$line] }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.UpdateCartLineDocument,
    "\n  fragment CartTotals on CartTotals {\n    items {\n      amount\n      currency\n    }\n    discount {\n      amount\n      currency\n    }\n    shipping {\n      amount\n      currency\n    }\n    taxIncluded\n    total {\n      amount\n      currency\n    }\n    taxes {\n      name\n      rate\n      tax {\n        amount\n        currency\n      }\n    }\n  }\n": types.CartTotalsFragmentDoc,
    "\n  fragment Cart on Cart {\n    id\n    quantity\n    email\n    lines {\n      id\n      variant {\n        id\n        requiresShipping\n      }\n      ...CartLine\n    }\n    problems {\n      code\n      message\n      lineId\n      discountCode\n    }\n    readyToOrder\n    totals {\n      total {\n        amount\n        currency\n      }\n      ...CartTotals\n    }\n    shippingAddress {\n      ...PostalAddress\n    }\n    shippingMethods {\n      ...ShippingMethod\n    }\n    shippingMethod {\n      methodId\n    }\n    discountCodes {\n      code\n      applied\n    }\n  }\n": types.CartFragmentDoc,
    "\n  query Cart {\n    cart {\n      ...Cart\n    }\n  }\n": types.CartDocument,
    "\n  mutation CreateCart($line: CartLineInput!) {\n    createCart(input: { lines: [$line], tokenIn: COOKIE }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.CreateCartDocument,
    "\n  mutation AddCartLine($line: CartLineInput!) {\n    addCartLines(input: { lines: [$line] }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.AddCartLineDocument,
    "\n  mutation ClaimCart {\n    claimCart {\n      cart {\n        id\n      }\n    }\n  }\n": types.ClaimCartDocument,
    "\n  mutation UpdateCart($input: UpdateCartInput!) {\n    updateCart(input: $input) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.UpdateCartDocument,
    "\n  fragment Breadcrumbs on Category {\n    id\n    name\n    slug\n    ancestors {\n      id\n      name\n      slug\n    }\n  }\n": types.BreadcrumbsFragmentDoc,
    "\n  query CategoryPage(\n    $slug: String!\n    $first: Int!\n    $after: String\n    $filter: ProductFilter\n    $sort: ProductSort\n    $withFacets: Boolean!\n  ) {\n    category(slug: $slug) {\n      id\n      name\n      slug\n      description\n      level\n      ...Breadcrumbs\n      products(first: $first, after: $after, filter: $filter, sort: $sort) {\n        ...ProductList\n      }\n    }\n  }\n": types.CategoryPageDocument,
    "\n  fragment Facets on ProductFacets {\n    categories(first: 12) {\n      values {\n        count\n        category {\n          id\n          name\n          level\n        }\n      }\n    }\n    price {\n      buckets {\n        count\n        from {\n          amount\n          currency\n        }\n        to {\n          amount\n          currency\n        }\n      }\n    }\n    stock {\n      inStock\n    }\n    attributes(first: 12) {\n      attribute {\n        id\n        code\n        name\n        unit\n      }\n      choices {\n        count\n        choice {\n          id\n          code\n          name\n          swatch\n        }\n      }\n      boolean {\n        trueCount\n      }\n      number {\n        min\n        max\n      }\n    }\n  }\n": types.FacetsFragmentDoc,
    "\n  fragment GalleryImage on Image {\n    id\n    ...ResponsiveImage\n  }\n": types.GalleryImageFragmentDoc,
    "\n  query HomePage {\n    categories(filter: { level: 0 }, first: 4) {\n      nodes {\n        id\n        name\n        slug\n        description\n        products(first: 3, sort: { field: PRICE, direction: DESC }) {\n          edges {\n            node {\n              id\n              image {\n                id\n                ...ResponsiveImage\n              }\n            }\n          }\n        }\n      }\n    }\n    products(first: 8, sort: { field: CREATED_AT, direction: DESC }) {\n      edges {\n        node {\n          id\n          ...ProductCard\n        }\n      }\n    }\n  }\n": types.HomePageDocument,
    "\n  fragment ProductCard on Product {\n    id\n    name\n    slug\n    availability\n    price {\n      ...Price\n    }\n    image {\n      ...ResponsiveImage\n    }\n  }\n": types.ProductCardFragmentDoc,
    "\n  fragment ProductList on ProductConnection {\n    totalCount\n    totalCountIsExact\n    edges {\n      node {\n        id\n        ...ProductCard\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    facets @include(if: $withFacets) {\n      ...Facets\n    }\n  }\n": types.ProductListFragmentDoc,
    "\n  query ProductPage($slug: String!) {\n    product(slug: $slug) {\n      id\n      name\n      slug\n      sku\n      description\n      availability\n      stock\n      price {\n        ...Price\n      }\n      category {\n        id\n        ...Breadcrumbs\n      }\n      images {\n        id\n        ...GalleryImage\n      }\n      ...Variants\n    }\n  }\n": types.ProductPageDocument,
    "\n  fragment SearchNotice on ProductConnection {\n    searchInfo {\n      matched\n      corrected\n      ignoredWords\n    }\n  }\n": types.SearchNoticeFragmentDoc,
    "\n  query SearchPage(\n    $search: String\n    $first: Int!\n    $after: String\n    $filter: ProductFilter\n    $sort: ProductSort\n    $withFacets: Boolean!\n  ) {\n    products(search: $search, first: $first, after: $after, filter: $filter, sort: $sort) {\n      ...SearchNotice\n      ...ProductList\n    }\n  }\n": types.SearchPageDocument,
    "\n  fragment Variants on Product {\n    options {\n      id\n      name\n      values {\n        id\n        name\n        swatch\n      }\n    }\n    variants(first: 100) {\n      id\n      sku\n      stock\n      availability\n      maxQuantity\n      price {\n        ...Price\n      }\n      options {\n        name\n        value\n      }\n    }\n  }\n": types.VariantsFragmentDoc,
    "\n  mutation PlaceOrder($input: PlaceOrderInput!) {\n    placeOrder(input: $input) {\n      order {\n        id\n      }\n      orderToken\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.PlaceOrderDocument,
    "\n  fragment PostalAddress on PostalAddress {\n    name\n    company\n    street1\n    street2\n    city\n    region\n    postalCode\n    country\n    phone\n  }\n": types.PostalAddressFragmentDoc,
    "\n  fragment ShippingMethod on ShippingQuote {\n    methodId\n    name\n    description\n    minDays\n    maxDays\n    price {\n      ...Price\n    }\n  }\n": types.ShippingMethodFragmentDoc,
    "\n  query Addresses {\n    me {\n      id\n      addresses {\n        id\n        name\n        company\n        street1\n        street2\n        city\n        region\n        postalCode\n        country\n        phone\n      }\n    }\n  }\n": types.AddressesDocument,
    "\n  mutation CreateAddress($input: CreateAddressInput!) {\n    createAddress(input: $input) {\n      address {\n        id\n      }\n    }\n  }\n": types.CreateAddressDocument,
    "\n  query CategoryMenu {\n    categories(filter: { level: 0 }, first: 12) {\n      nodes {\n        id\n        name\n        slug\n        children {\n          id\n          name\n          slug\n        }\n      }\n    }\n  }\n": types.CategoryMenuDocument,
    "\n  query SearchSuggestions($prefix: String!) {\n    searchSuggestions(prefix: $prefix, first: 7) {\n      text\n      query\n      category {\n        id\n        slug\n      }\n      product {\n        id\n        slug\n      }\n    }\n  }\n": types.SearchSuggestionsDocument,
    "\n  query ClientSecret($id: ID!, $token: String) {\n    order(id: $id, token: $token) {\n      id\n      payments {\n        id\n        clientSecret\n      }\n    }\n  }\n": types.ClientSecretDocument,
    "\n  mutation SyncPayment($input: SyncPaymentInput!) {\n    syncPayment(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.SyncPaymentDocument,
    "\n  fragment OrderLine on OrderLine {\n    id\n    name\n    options {\n      name\n      value\n    }\n    attributes {\n      name\n      value\n    }\n    quantity\n    canceled\n    fulfilled\n    returned\n    total {\n      ...Price\n    }\n    image {\n      ...ResponsiveImage\n    }\n  }\n": types.OrderLineFragmentDoc,
    "\n  mutation SendOrderLink($input: SendOrderLinkInput!) {\n    sendOrderLink(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.SendOrderLinkDocument,
    "\n  fragment Order on Order {\n    id\n    number\n    status\n    placedAt\n    email\n    ...OrderStatus\n    ...PaymentStep\n    lines {\n      id\n      ...OrderLine\n    }\n    totals {\n      items {\n        amount\n        currency\n      }\n      discount {\n        amount\n        currency\n      }\n      shipping {\n        amount\n        currency\n      }\n      taxIncluded\n      total {\n        amount\n        currency\n      }\n      taxes {\n        name\n        rate\n        tax {\n          amount\n          currency\n        }\n      }\n    }\n    shippingMethodName\n    shippingAddress {\n      ...PostalAddress\n    }\n    ...Shipments\n    ...Refunds\n  }\n": types.OrderFragmentDoc,
    "\n  query Order($id: ID!, $token: String) {\n    order(id: $id, token: $token) {\n      ...Order\n      ...WaitingForStripe\n    }\n  }\n": types.OrderDocument,
    "\n  fragment WaitingForStripe on Order {\n    status\n    payments {\n      id\n      provider\n      status\n    }\n  }\n": types.WaitingForStripeFragmentDoc,
    "\n  query Orders($after: String) {\n    me {\n      id\n      orders(first: 10, after: $after) {\n        edges {\n          node {\n            id\n            number\n            placedAt\n            ...OrderStatus\n            lines {\n              id\n              quantity\n            }\n            totals {\n              total {\n                ...Price\n              }\n            }\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": types.OrdersDocument,
    "\n  fragment PaymentStep on Order {\n    id\n    status\n    paymentStatus\n    payUntil\n    payments {\n      id\n      provider\n      status\n      lastError\n      instructions\n      amount {\n        amount\n        currency\n      }\n    }\n  }\n": types.PaymentStepFragmentDoc,
    "\n  mutation FinishTestPayment($input: FinishTestPaymentInput!) {\n    finishTestPayment(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.FinishTestPaymentDocument,
    "\n  mutation CancelOrder($input: CancelOrderInput!) {\n    cancelOrder(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n": types.CancelOrderDocument,
    "\n  fragment Refunds on Order {\n    id\n    refunds {\n      id\n      amount {\n        ...Price\n      }\n      reason\n      status\n      createdAt\n    }\n  }\n": types.RefundsFragmentDoc,
    "\n  fragment Shipments on Order {\n    id\n    fulfillments {\n      id\n      lines {\n        line {\n          id\n          name\n        }\n        quantity\n      }\n      trackingCompany\n      trackingNumber\n      trackingUrl\n      createdAt\n      canceledAt\n    }\n  }\n": types.ShipmentsFragmentDoc,
    "\n  fragment OrderStatus on Order {\n    status\n    paymentStatus\n    fulfillmentStatus\n  }\n": types.OrderStatusFragmentDoc,
    "\n  fragment Price on Money {\n    amount\n    currency\n  }\n": types.PriceFragmentDoc,
    "\n  fragment ResponsiveImage on Image {\n    id\n    url(transform: { width: 640 })\n    srcSet\n    width\n    height\n    alt\n    placeholder\n  }\n": types.ResponsiveImageFragmentDoc,
    "\n  fragment FormErrors on UserError {\n    field\n    message\n  }\n": types.FormErrorsFragmentDoc,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UploadAvatar($file: Upload!) {\n    uploadAvatar(file: $file) {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UploadAvatar($file: Upload!) {\n    uploadAvatar(file: $file) {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteAvatar {\n    deleteAvatar {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation DeleteAvatar {\n    deleteAvatar {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateName($name: String!) {\n    updateMe(input: { name: $name }) {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateName($name: String!) {\n    updateMe(input: { name: $name }) {\n      user {\n        id\n        ...Viewer\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ForgotPassword($email: String!) {\n    forgotPassword(input: { email: $email }) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ForgotPassword($email: String!) {\n    forgotPassword(input: { email: $email }) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResetPassword($input: ResetPasswordInput!) {\n    resetPassword(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ResetPassword($input: ResetPasswordInput!) {\n    resetPassword(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Sessions {\n    sessions {\n      id\n      userAgent\n      address\n      lastUsedAt\n      current\n    }\n  }\n"): (typeof documents)["\n  query Sessions {\n    sessions {\n      id\n      userAgent\n      address\n      lastUsedAt\n      current\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeSession($id: ID!) {\n    revokeSession(input: { id: $id }) {\n      sessionId\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RevokeSession($id: ID!) {\n    revokeSession(input: { id: $id }) {\n      sessionId\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation LogoutAll {\n    logoutAll {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation LogoutAll {\n    logoutAll {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Register($input: RegisterInput!) {\n    register(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation VerifyEmail($email: String!, $otp: String!) {\n    verifyEmail(input: { email: $email, otp: $otp }) {\n      user {\n        id\n        hasPassword\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation VerifyEmail($email: String!, $otp: String!) {\n    verifyEmail(input: { email: $email, otp: $otp }) {\n      user {\n        id\n        hasPassword\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ResendOtp($email: String!) {\n    resendOtp(input: { email: $email }) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ResendOtp($email: String!) {\n    resendOtp(input: { email: $email }) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Login($email: String!, $password: String!) {\n    login(input: { email: $email, password: $password, refreshTokenIn: COOKIE }) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        code\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Login($email: String!, $password: String!) {\n    login(input: { email: $email, password: $password, refreshTokenIn: COOKIE }) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        code\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Logout {\n    logout {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Logout {\n    logout {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Viewer on User {\n    id\n    name\n    email\n    role\n    avatar {\n      id\n      url(transform: { width: 160, height: 160, fit: COVER })\n    }\n  }\n"): (typeof documents)["\n  fragment Viewer on User {\n    id\n    name\n    email\n    role\n    avatar {\n      id\n      url(transform: { width: 160, height: 160, fit: COVER })\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Viewer {\n    me {\n      ...Viewer\n    }\n  }\n"): (typeof documents)["\n  query Viewer {\n    me {\n      ...Viewer\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ImageForm on Image {\n    id\n    alt\n    ...ResponsiveImage\n  }\n"): (typeof documents)["\n  fragment ImageForm on Image {\n    id\n    alt\n    ...ResponsiveImage\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateProductImage($id: ID!, $alt: String!) {\n    updateProductImage(input: { id: $id, alt: $alt }) {\n      image {\n        id\n        alt\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateProductImage($id: ID!, $alt: String!) {\n    updateProductImage(input: { id: $id, alt: $alt }) {\n      image {\n        id\n        alt\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteProductImage($id: ID!) {\n    deleteProductImage(input: { id: $id }) {\n      imageId\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation DeleteProductImage($id: ID!) {\n    deleteProductImage(input: { id: $id }) {\n      imageId\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UploadProductImage($productId: ID!, $file: Upload!) {\n    uploadProductImages(input: { productId: $productId, files: [$file] }) {\n      images {\n        id\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UploadProductImage($productId: ID!, $file: Upload!) {\n    uploadProductImages(input: { productId: $productId, files: [$file] }) {\n      images {\n        id\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ProductImages($id: ID!) {\n    product(id: $id) {\n      id\n      name\n      slug\n      images {\n        id\n        ...ImageForm\n      }\n    }\n  }\n"): (typeof documents)["\n  query ProductImages($id: ID!) {\n    product(id: $id) {\n      id\n      name\n      slug\n      images {\n        id\n        ...ImageForm\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ProductRow on Product {\n    id\n    name\n    stock\n    status\n    price {\n      amount\n      currency\n    }\n  }\n"): (typeof documents)["\n  fragment ProductRow on Product {\n    id\n    name\n    stock\n    status\n    price {\n      amount\n      currency\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateProduct($input: UpdateProductInput!) {\n    updateProduct(input: $input) {\n      product {\n        id\n        slug\n        inStock\n        availability\n        ...ProductRow\n      }\n      userErrors {\n        currentStock\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateProduct($input: UpdateProductInput!) {\n    updateProduct(input: $input) {\n      product {\n        id\n        slug\n        inStock\n        availability\n        ...ProductRow\n      }\n      userErrors {\n        currentStock\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AdminProducts($search: String, $filter: ProductFilter, $after: String) {\n    products(search: $search, filter: $filter, first: 20, after: $after, sort: { field: NAME }) {\n      totalCount\n      edges {\n        node {\n          id\n          ...ProductRow\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query AdminProducts($search: String, $filter: ProductFilter, $after: String) {\n    products(search: $search, filter: $filter, first: 20, after: $after, sort: { field: NAME }) {\n      totalCount\n      edges {\n        node {\n          id\n          ...ProductRow\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ExchangeOAuthCode($code: String!, $verifier: String!) {\n    exchangeOAuthCode(input: { code: $code, verifier: $verifier, refreshTokenIn: COOKIE }) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ExchangeOAuthCode($code: String!, $verifier: String!) {\n    exchangeOAuthCode(input: { code: $code, verifier: $verifier, refreshTokenIn: COOKIE }) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Renew {\n    refreshToken(input: {}) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        code\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Renew {\n    refreshToken(input: {}) {\n      accessToken\n      accessTokenExpiresAt\n      userErrors {\n        code\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Shop {\n    shop {\n      name\n      currency {\n        code\n        decimals\n      }\n      signInMethods\n      shippingCountries\n      paymentMethods {\n        provider\n        name\n        description\n      }\n      stripePublishableKey\n      limits {\n        passwordMinLength\n        passwordMaxLength\n        emailMaxLength\n        nameMaxLength\n        searchMaxLength\n        altMaxLength\n        imageTypes\n        imageMaxBytes\n        avatarMaxBytes\n      }\n    }\n  }\n"): (typeof documents)["\n  query Shop {\n    shop {\n      name\n      currency {\n        code\n        decimals\n      }\n      signInMethods\n      shippingCountries\n      paymentMethods {\n        provider\n        name\n        description\n      }\n      stripePublishableKey\n      limits {\n        passwordMinLength\n        passwordMaxLength\n        emailMaxLength\n        nameMaxLength\n        searchMaxLength\n        altMaxLength\n        imageTypes\n        imageMaxBytes\n        avatarMaxBytes\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment CartLine on CartLine {\n    id\n    quantity\n    attributes {\n      name\n      value\n    }\n    total {\n      ...Price\n    }\n    variant {\n      id\n      maxQuantity\n      options {\n        name\n        value\n      }\n      image {\n        ...ResponsiveImage\n      }\n      product {\n        id\n        name\n        slug\n        image {\n          ...ResponsiveImage\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment CartLine on CartLine {\n    id\n    quantity\n    attributes {\n      name\n      value\n    }\n    total {\n      ...Price\n    }\n    variant {\n      id\n      maxQuantity\n      options {\n        name\n        value\n      }\n      image {\n        ...ResponsiveImage\n      }\n      product {\n        id\n        name\n        slug\n        image {\n          ...ResponsiveImage\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateCartLine($line: CartLineUpdateInput!) {\n    updateCartLines(input: { lines: [$line] }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateCartLine($line: CartLineUpdateInput!) {\n    updateCartLines(input: { lines: [$line] }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment CartTotals on CartTotals {\n    items {\n      amount\n      currency\n    }\n    discount {\n      amount\n      currency\n    }\n    shipping {\n      amount\n      currency\n    }\n    taxIncluded\n    total {\n      amount\n      currency\n    }\n    taxes {\n      name\n      rate\n      tax {\n        amount\n        currency\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment CartTotals on CartTotals {\n    items {\n      amount\n      currency\n    }\n    discount {\n      amount\n      currency\n    }\n    shipping {\n      amount\n      currency\n    }\n    taxIncluded\n    total {\n      amount\n      currency\n    }\n    taxes {\n      name\n      rate\n      tax {\n        amount\n        currency\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Cart on Cart {\n    id\n    quantity\n    email\n    lines {\n      id\n      variant {\n        id\n        requiresShipping\n      }\n      ...CartLine\n    }\n    problems {\n      code\n      message\n      lineId\n      discountCode\n    }\n    readyToOrder\n    totals {\n      total {\n        amount\n        currency\n      }\n      ...CartTotals\n    }\n    shippingAddress {\n      ...PostalAddress\n    }\n    shippingMethods {\n      ...ShippingMethod\n    }\n    shippingMethod {\n      methodId\n    }\n    discountCodes {\n      code\n      applied\n    }\n  }\n"): (typeof documents)["\n  fragment Cart on Cart {\n    id\n    quantity\n    email\n    lines {\n      id\n      variant {\n        id\n        requiresShipping\n      }\n      ...CartLine\n    }\n    problems {\n      code\n      message\n      lineId\n      discountCode\n    }\n    readyToOrder\n    totals {\n      total {\n        amount\n        currency\n      }\n      ...CartTotals\n    }\n    shippingAddress {\n      ...PostalAddress\n    }\n    shippingMethods {\n      ...ShippingMethod\n    }\n    shippingMethod {\n      methodId\n    }\n    discountCodes {\n      code\n      applied\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Cart {\n    cart {\n      ...Cart\n    }\n  }\n"): (typeof documents)["\n  query Cart {\n    cart {\n      ...Cart\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateCart($line: CartLineInput!) {\n    createCart(input: { lines: [$line], tokenIn: COOKIE }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateCart($line: CartLineInput!) {\n    createCart(input: { lines: [$line], tokenIn: COOKIE }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddCartLine($line: CartLineInput!) {\n    addCartLines(input: { lines: [$line] }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AddCartLine($line: CartLineInput!) {\n    addCartLines(input: { lines: [$line] }) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ClaimCart {\n    claimCart {\n      cart {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ClaimCart {\n    claimCart {\n      cart {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateCart($input: UpdateCartInput!) {\n    updateCart(input: $input) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateCart($input: UpdateCartInput!) {\n    updateCart(input: $input) {\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Breadcrumbs on Category {\n    id\n    name\n    slug\n    ancestors {\n      id\n      name\n      slug\n    }\n  }\n"): (typeof documents)["\n  fragment Breadcrumbs on Category {\n    id\n    name\n    slug\n    ancestors {\n      id\n      name\n      slug\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CategoryPage(\n    $slug: String!\n    $first: Int!\n    $after: String\n    $filter: ProductFilter\n    $sort: ProductSort\n    $withFacets: Boolean!\n  ) {\n    category(slug: $slug) {\n      id\n      name\n      slug\n      description\n      level\n      ...Breadcrumbs\n      products(first: $first, after: $after, filter: $filter, sort: $sort) {\n        ...ProductList\n      }\n    }\n  }\n"): (typeof documents)["\n  query CategoryPage(\n    $slug: String!\n    $first: Int!\n    $after: String\n    $filter: ProductFilter\n    $sort: ProductSort\n    $withFacets: Boolean!\n  ) {\n    category(slug: $slug) {\n      id\n      name\n      slug\n      description\n      level\n      ...Breadcrumbs\n      products(first: $first, after: $after, filter: $filter, sort: $sort) {\n        ...ProductList\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Facets on ProductFacets {\n    categories(first: 12) {\n      values {\n        count\n        category {\n          id\n          name\n          level\n        }\n      }\n    }\n    price {\n      buckets {\n        count\n        from {\n          amount\n          currency\n        }\n        to {\n          amount\n          currency\n        }\n      }\n    }\n    stock {\n      inStock\n    }\n    attributes(first: 12) {\n      attribute {\n        id\n        code\n        name\n        unit\n      }\n      choices {\n        count\n        choice {\n          id\n          code\n          name\n          swatch\n        }\n      }\n      boolean {\n        trueCount\n      }\n      number {\n        min\n        max\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment Facets on ProductFacets {\n    categories(first: 12) {\n      values {\n        count\n        category {\n          id\n          name\n          level\n        }\n      }\n    }\n    price {\n      buckets {\n        count\n        from {\n          amount\n          currency\n        }\n        to {\n          amount\n          currency\n        }\n      }\n    }\n    stock {\n      inStock\n    }\n    attributes(first: 12) {\n      attribute {\n        id\n        code\n        name\n        unit\n      }\n      choices {\n        count\n        choice {\n          id\n          code\n          name\n          swatch\n        }\n      }\n      boolean {\n        trueCount\n      }\n      number {\n        min\n        max\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment GalleryImage on Image {\n    id\n    ...ResponsiveImage\n  }\n"): (typeof documents)["\n  fragment GalleryImage on Image {\n    id\n    ...ResponsiveImage\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query HomePage {\n    categories(filter: { level: 0 }, first: 4) {\n      nodes {\n        id\n        name\n        slug\n        description\n        products(first: 3, sort: { field: PRICE, direction: DESC }) {\n          edges {\n            node {\n              id\n              image {\n                id\n                ...ResponsiveImage\n              }\n            }\n          }\n        }\n      }\n    }\n    products(first: 8, sort: { field: CREATED_AT, direction: DESC }) {\n      edges {\n        node {\n          id\n          ...ProductCard\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query HomePage {\n    categories(filter: { level: 0 }, first: 4) {\n      nodes {\n        id\n        name\n        slug\n        description\n        products(first: 3, sort: { field: PRICE, direction: DESC }) {\n          edges {\n            node {\n              id\n              image {\n                id\n                ...ResponsiveImage\n              }\n            }\n          }\n        }\n      }\n    }\n    products(first: 8, sort: { field: CREATED_AT, direction: DESC }) {\n      edges {\n        node {\n          id\n          ...ProductCard\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ProductCard on Product {\n    id\n    name\n    slug\n    availability\n    price {\n      ...Price\n    }\n    image {\n      ...ResponsiveImage\n    }\n  }\n"): (typeof documents)["\n  fragment ProductCard on Product {\n    id\n    name\n    slug\n    availability\n    price {\n      ...Price\n    }\n    image {\n      ...ResponsiveImage\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ProductList on ProductConnection {\n    totalCount\n    totalCountIsExact\n    edges {\n      node {\n        id\n        ...ProductCard\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    facets @include(if: $withFacets) {\n      ...Facets\n    }\n  }\n"): (typeof documents)["\n  fragment ProductList on ProductConnection {\n    totalCount\n    totalCountIsExact\n    edges {\n      node {\n        id\n        ...ProductCard\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    facets @include(if: $withFacets) {\n      ...Facets\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ProductPage($slug: String!) {\n    product(slug: $slug) {\n      id\n      name\n      slug\n      sku\n      description\n      availability\n      stock\n      price {\n        ...Price\n      }\n      category {\n        id\n        ...Breadcrumbs\n      }\n      images {\n        id\n        ...GalleryImage\n      }\n      ...Variants\n    }\n  }\n"): (typeof documents)["\n  query ProductPage($slug: String!) {\n    product(slug: $slug) {\n      id\n      name\n      slug\n      sku\n      description\n      availability\n      stock\n      price {\n        ...Price\n      }\n      category {\n        id\n        ...Breadcrumbs\n      }\n      images {\n        id\n        ...GalleryImage\n      }\n      ...Variants\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment SearchNotice on ProductConnection {\n    searchInfo {\n      matched\n      corrected\n      ignoredWords\n    }\n  }\n"): (typeof documents)["\n  fragment SearchNotice on ProductConnection {\n    searchInfo {\n      matched\n      corrected\n      ignoredWords\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SearchPage(\n    $search: String\n    $first: Int!\n    $after: String\n    $filter: ProductFilter\n    $sort: ProductSort\n    $withFacets: Boolean!\n  ) {\n    products(search: $search, first: $first, after: $after, filter: $filter, sort: $sort) {\n      ...SearchNotice\n      ...ProductList\n    }\n  }\n"): (typeof documents)["\n  query SearchPage(\n    $search: String\n    $first: Int!\n    $after: String\n    $filter: ProductFilter\n    $sort: ProductSort\n    $withFacets: Boolean!\n  ) {\n    products(search: $search, first: $first, after: $after, filter: $filter, sort: $sort) {\n      ...SearchNotice\n      ...ProductList\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Variants on Product {\n    options {\n      id\n      name\n      values {\n        id\n        name\n        swatch\n      }\n    }\n    variants(first: 100) {\n      id\n      sku\n      stock\n      availability\n      maxQuantity\n      price {\n        ...Price\n      }\n      options {\n        name\n        value\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment Variants on Product {\n    options {\n      id\n      name\n      values {\n        id\n        name\n        swatch\n      }\n    }\n    variants(first: 100) {\n      id\n      sku\n      stock\n      availability\n      maxQuantity\n      price {\n        ...Price\n      }\n      options {\n        name\n        value\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PlaceOrder($input: PlaceOrderInput!) {\n    placeOrder(input: $input) {\n      order {\n        id\n      }\n      orderToken\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation PlaceOrder($input: PlaceOrderInput!) {\n    placeOrder(input: $input) {\n      order {\n        id\n      }\n      orderToken\n      cart {\n        ...Cart\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment PostalAddress on PostalAddress {\n    name\n    company\n    street1\n    street2\n    city\n    region\n    postalCode\n    country\n    phone\n  }\n"): (typeof documents)["\n  fragment PostalAddress on PostalAddress {\n    name\n    company\n    street1\n    street2\n    city\n    region\n    postalCode\n    country\n    phone\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ShippingMethod on ShippingQuote {\n    methodId\n    name\n    description\n    minDays\n    maxDays\n    price {\n      ...Price\n    }\n  }\n"): (typeof documents)["\n  fragment ShippingMethod on ShippingQuote {\n    methodId\n    name\n    description\n    minDays\n    maxDays\n    price {\n      ...Price\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Addresses {\n    me {\n      id\n      addresses {\n        id\n        name\n        company\n        street1\n        street2\n        city\n        region\n        postalCode\n        country\n        phone\n      }\n    }\n  }\n"): (typeof documents)["\n  query Addresses {\n    me {\n      id\n      addresses {\n        id\n        name\n        company\n        street1\n        street2\n        city\n        region\n        postalCode\n        country\n        phone\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateAddress($input: CreateAddressInput!) {\n    createAddress(input: $input) {\n      address {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateAddress($input: CreateAddressInput!) {\n    createAddress(input: $input) {\n      address {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CategoryMenu {\n    categories(filter: { level: 0 }, first: 12) {\n      nodes {\n        id\n        name\n        slug\n        children {\n          id\n          name\n          slug\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query CategoryMenu {\n    categories(filter: { level: 0 }, first: 12) {\n      nodes {\n        id\n        name\n        slug\n        children {\n          id\n          name\n          slug\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SearchSuggestions($prefix: String!) {\n    searchSuggestions(prefix: $prefix, first: 7) {\n      text\n      query\n      category {\n        id\n        slug\n      }\n      product {\n        id\n        slug\n      }\n    }\n  }\n"): (typeof documents)["\n  query SearchSuggestions($prefix: String!) {\n    searchSuggestions(prefix: $prefix, first: 7) {\n      text\n      query\n      category {\n        id\n        slug\n      }\n      product {\n        id\n        slug\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ClientSecret($id: ID!, $token: String) {\n    order(id: $id, token: $token) {\n      id\n      payments {\n        id\n        clientSecret\n      }\n    }\n  }\n"): (typeof documents)["\n  query ClientSecret($id: ID!, $token: String) {\n    order(id: $id, token: $token) {\n      id\n      payments {\n        id\n        clientSecret\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SyncPayment($input: SyncPaymentInput!) {\n    syncPayment(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation SyncPayment($input: SyncPaymentInput!) {\n    syncPayment(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OrderLine on OrderLine {\n    id\n    name\n    options {\n      name\n      value\n    }\n    attributes {\n      name\n      value\n    }\n    quantity\n    canceled\n    fulfilled\n    returned\n    total {\n      ...Price\n    }\n    image {\n      ...ResponsiveImage\n    }\n  }\n"): (typeof documents)["\n  fragment OrderLine on OrderLine {\n    id\n    name\n    options {\n      name\n      value\n    }\n    attributes {\n      name\n      value\n    }\n    quantity\n    canceled\n    fulfilled\n    returned\n    total {\n      ...Price\n    }\n    image {\n      ...ResponsiveImage\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendOrderLink($input: SendOrderLinkInput!) {\n    sendOrderLink(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation SendOrderLink($input: SendOrderLinkInput!) {\n    sendOrderLink(input: $input) {\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Order on Order {\n    id\n    number\n    status\n    placedAt\n    email\n    ...OrderStatus\n    ...PaymentStep\n    lines {\n      id\n      ...OrderLine\n    }\n    totals {\n      items {\n        amount\n        currency\n      }\n      discount {\n        amount\n        currency\n      }\n      shipping {\n        amount\n        currency\n      }\n      taxIncluded\n      total {\n        amount\n        currency\n      }\n      taxes {\n        name\n        rate\n        tax {\n          amount\n          currency\n        }\n      }\n    }\n    shippingMethodName\n    shippingAddress {\n      ...PostalAddress\n    }\n    ...Shipments\n    ...Refunds\n  }\n"): (typeof documents)["\n  fragment Order on Order {\n    id\n    number\n    status\n    placedAt\n    email\n    ...OrderStatus\n    ...PaymentStep\n    lines {\n      id\n      ...OrderLine\n    }\n    totals {\n      items {\n        amount\n        currency\n      }\n      discount {\n        amount\n        currency\n      }\n      shipping {\n        amount\n        currency\n      }\n      taxIncluded\n      total {\n        amount\n        currency\n      }\n      taxes {\n        name\n        rate\n        tax {\n          amount\n          currency\n        }\n      }\n    }\n    shippingMethodName\n    shippingAddress {\n      ...PostalAddress\n    }\n    ...Shipments\n    ...Refunds\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Order($id: ID!, $token: String) {\n    order(id: $id, token: $token) {\n      ...Order\n      ...WaitingForStripe\n    }\n  }\n"): (typeof documents)["\n  query Order($id: ID!, $token: String) {\n    order(id: $id, token: $token) {\n      ...Order\n      ...WaitingForStripe\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment WaitingForStripe on Order {\n    status\n    payments {\n      id\n      provider\n      status\n    }\n  }\n"): (typeof documents)["\n  fragment WaitingForStripe on Order {\n    status\n    payments {\n      id\n      provider\n      status\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Orders($after: String) {\n    me {\n      id\n      orders(first: 10, after: $after) {\n        edges {\n          node {\n            id\n            number\n            placedAt\n            ...OrderStatus\n            lines {\n              id\n              quantity\n            }\n            totals {\n              total {\n                ...Price\n              }\n            }\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Orders($after: String) {\n    me {\n      id\n      orders(first: 10, after: $after) {\n        edges {\n          node {\n            id\n            number\n            placedAt\n            ...OrderStatus\n            lines {\n              id\n              quantity\n            }\n            totals {\n              total {\n                ...Price\n              }\n            }\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment PaymentStep on Order {\n    id\n    status\n    paymentStatus\n    payUntil\n    payments {\n      id\n      provider\n      status\n      lastError\n      instructions\n      amount {\n        amount\n        currency\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment PaymentStep on Order {\n    id\n    status\n    paymentStatus\n    payUntil\n    payments {\n      id\n      provider\n      status\n      lastError\n      instructions\n      amount {\n        amount\n        currency\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FinishTestPayment($input: FinishTestPaymentInput!) {\n    finishTestPayment(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation FinishTestPayment($input: FinishTestPaymentInput!) {\n    finishTestPayment(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelOrder($input: CancelOrderInput!) {\n    cancelOrder(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CancelOrder($input: CancelOrderInput!) {\n    cancelOrder(input: $input) {\n      order {\n        id\n        ...Order\n      }\n      userErrors {\n        ...FormErrors\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Refunds on Order {\n    id\n    refunds {\n      id\n      amount {\n        ...Price\n      }\n      reason\n      status\n      createdAt\n    }\n  }\n"): (typeof documents)["\n  fragment Refunds on Order {\n    id\n    refunds {\n      id\n      amount {\n        ...Price\n      }\n      reason\n      status\n      createdAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Shipments on Order {\n    id\n    fulfillments {\n      id\n      lines {\n        line {\n          id\n          name\n        }\n        quantity\n      }\n      trackingCompany\n      trackingNumber\n      trackingUrl\n      createdAt\n      canceledAt\n    }\n  }\n"): (typeof documents)["\n  fragment Shipments on Order {\n    id\n    fulfillments {\n      id\n      lines {\n        line {\n          id\n          name\n        }\n        quantity\n      }\n      trackingCompany\n      trackingNumber\n      trackingUrl\n      createdAt\n      canceledAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment OrderStatus on Order {\n    status\n    paymentStatus\n    fulfillmentStatus\n  }\n"): (typeof documents)["\n  fragment OrderStatus on Order {\n    status\n    paymentStatus\n    fulfillmentStatus\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Price on Money {\n    amount\n    currency\n  }\n"): (typeof documents)["\n  fragment Price on Money {\n    amount\n    currency\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ResponsiveImage on Image {\n    id\n    url(transform: { width: 640 })\n    srcSet\n    width\n    height\n    alt\n    placeholder\n  }\n"): (typeof documents)["\n  fragment ResponsiveImage on Image {\n    id\n    url(transform: { width: 640 })\n    srcSet\n    width\n    height\n    alt\n    placeholder\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment FormErrors on UserError {\n    field\n    message\n  }\n"): (typeof documents)["\n  fragment FormErrors on UserError {\n    field\n    message\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;