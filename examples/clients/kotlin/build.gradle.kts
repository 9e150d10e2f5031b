// What an app's build.gradle.kts needs, beside its own plugins and dependencies.
plugins {
    id("com.apollographql.apollo") version "5.1.0"
}

dependencies {
    implementation("com.apollographql.apollo:apollo-runtime:5.1.0")
}

apollo {
    // Reads src/main/graphql: the operations, and the schema as schema.graphqls.
    service("shop") {
        packageName.set("com.example.shop.api")
        mapScalarToKotlinString("CurrencyCode")
        mapScalarToKotlinString("DateTime")
        // A price is a decimal text. Compute with java.math.BigDecimal, never with Double.
        mapScalarToKotlinString("Decimal")
        mapScalarToUpload("Upload")
    }
}
