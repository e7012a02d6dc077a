// List users
// GET /v2/users
//
// It also takes:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records a page, 30 by default, at most 2000; more means 2000.
//   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
// For Java 11 or later, with Gson in the class path.

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

public class Sample {
    static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    /** How long a server may take to answer. */
    static final Duration TIMEOUT = Duration.ofSeconds(60);
    static final PrintStream ERR = new PrintStream(System.err, true, StandardCharsets.UTF_8);

    static RuntimeException fail(String message) {
        ERR.println(message);
        System.exit(1);
        return new IllegalStateException();
    }

    /** A value of an object; JSON's null where there is none. */
    static JsonElement member(JsonElement parent, String name) {
        boolean has = parent.isJsonObject() && parent.getAsJsonObject().has(name);
        return has ? parent.getAsJsonObject().get(name) : JsonNull.INSTANCE;
    }

    static String asText(JsonElement value) {
        return value.isJsonPrimitive() ? value.getAsString() : null;
    }

    static boolean isNumber(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    }

    static Long asInteger(JsonElement value) {
        if (!isNumber(value)) {
            return null;
        }
        java.math.BigDecimal number = value.getAsBigDecimal();
        if (number.precision() - number.scale() > 19 || number.toBigInteger().bitLength() > 63) {
            throw fail(value + " does not fit in 64 bits");
        }
        return number.longValue();
    }

    /** Prints a value on one line; nothing if there is none. */
    static void show(String place, Object value) {
        if (value == null) {
            return;
        }
        String text = value.toString();
        if (value instanceof Double) {
            // Up to 15 digits, without zeros at the end.
            text = new java.math.BigDecimal((Double) value).round(new java.math.MathContext(15)).stripTrailingZeros().toPlainString();
        }
        OUT.print(place + ": " + text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r") + "\n");
    }

    /** A variable of the environment. */
    static String setting(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw fail("set " + name + " in the environment");
        }
        return value;
    }

    /** Percent-encodes all but letters, digits and -._~. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    /** Lists of a name and its values, as a query or a form. */
    static String pairs(List<List<String>> parameters) {
        List<String> written = new ArrayList<>();
        for (List<String> parameter : parameters) {
            List<String> values = new ArrayList<>();
            for (String value : parameter.subList(1, parameter.size())) {
                values.add(encode(value));
            }
            written.add(encode(parameter.get(0)) + "=" + String.join(",", values));
        }
        return String.join("&", written);
    }

    /** How long an answer with status 429 asks to wait: in seconds, or up to an instant. */
    static Duration waitTime(HttpResponse<String> response) {
        String retryAfter = response.headers().firstValue("Retry-After").orElse("1");
        if (retryAfter.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(retryAfter));
        }
        try {
            Duration wait = Duration.between(Instant.now(), OffsetDateTime.parse(retryAfter).toInstant());
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeParseException error) {
            return Duration.ofSeconds(1);
        }
    }

    /** A good answer; after 429 it waits and asks again, at most five times. */
    static HttpResponse<String> send(HttpClient client, String url, Map<String, String> headers, byte[] content)
            throws InterruptedException {
        HttpRequest.BodyPublisher body =
            content == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(content);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(TIMEOUT).method("GET", body);
        headers.forEach(request::setHeader);
        for (int attempt = 0; ; attempt++) {
            HttpResponse<String> response;
            try {
                response = client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            } catch (IOException error) {
                throw fail(url + ": " + error);
            }
            if (response.statusCode() / 100 == 2) {
                return response;
            }
            if (response.statusCode() != 429 || attempt == 5) {
                throw fail("HTTP " + response.statusCode() + ": " + response.body());
            }
            Duration wait = waitTime(response);
            ERR.println("429: waiting " + wait.toSeconds() + " s");
            Thread.sleep(wait.toMillis());
        }
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        String baseUrl = setting("API_BASE_URL").replaceAll("/+$", "");

        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", "application/json");
        headers.put("Authorization", "Bearer " + setting("API_TOKEN"));
        byte[] content = null;

        String path = "/v2/users";
        List<List<String>> query = new ArrayList<>();
        HttpClient client = HttpClient.newHttpClient();
        String url = baseUrl + path + (query.isEmpty() ? "" : "?" + pairs(query));
        int userCount = 0;
        while (url != null) {
            HttpResponse<String> response = send(client, url, headers, content);
            JsonElement answer;
            try {
                answer = new Gson().getAdapter(JsonElement.class).fromJson(response.body());
            } catch (IOException | JsonParseException error) {
                throw fail("the answer is not JSON (" + error.getMessage() + "): " + response.body());
            }
            String nextPageToken = asText(member(answer, "next_page_token"));
            show("next_page_token", nextPageToken);
            Long pageCount = asInteger(member(answer, "page_count"));
            show("page_count", pageCount);
            Long pageSize = asInteger(member(answer, "page_size"));
            show("page_size", pageSize);
            Long totalRecords = asInteger(member(answer, "total_records"));
            show("total_records", totalRecords);
            Long pageNumber = asInteger(member(answer, "page_number"));
            show("page_number", pageNumber);
            JsonElement usersValue = member(answer, "users");
            if (usersValue.isJsonArray()) {
                for (int userIndex = 0; userIndex < usersValue.getAsJsonArray().size(); userIndex++) {
                    JsonElement user = usersValue.getAsJsonArray().get(userIndex);
                    String createdAt = asText(member(user, "created_at"));
                    show("users[" + (userCount + userIndex) + "].created_at", createdAt);
                    JsonElement customAttributes = member(user, "custom_attributes");
                    if (customAttributes.isJsonArray()) {
                        for (int customAttributeIndex = 0; customAttributeIndex < customAttributes.getAsJsonArray().size(); customAttributeIndex++) {
                            JsonElement customAttribute = customAttributes.getAsJsonArray().get(customAttributeIndex);
                            String key = asText(member(customAttribute, "key"));
                            show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].key", key);
                            String customAttributeName = asText(member(customAttribute, "name"));
                            show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].name", customAttributeName);
                            String customAttributeValue = asText(member(customAttribute, "value"));
                            show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].value", customAttributeValue);
                        }
                    }
                    String dept = asText(member(user, "dept"));
                    show("users[" + (userCount + userIndex) + "].dept", dept);
                    String displayName = asText(member(user, "display_name"));
                    show("users[" + (userCount + userIndex) + "].display_name", displayName);
                    JsonElement divisionIds = member(user, "division_ids");
                    if (divisionIds.isJsonArray()) {
                        for (int divisionIdIndex = 0; divisionIdIndex < divisionIds.getAsJsonArray().size(); divisionIdIndex++) {
                            JsonElement divisionId = divisionIds.getAsJsonArray().get(divisionIdIndex);
                            show("users[" + (userCount + userIndex) + "].division_ids[" + divisionIdIndex + "]", asText(divisionId));
                        }
                    }
                    String email = asText(member(user, "email"));
                    show("users[" + (userCount + userIndex) + "].email", email);
                    String employeeUniqueId = asText(member(user, "employee_unique_id"));
                    show("users[" + (userCount + userIndex) + "].employee_unique_id", employeeUniqueId);
                    String firstName = asText(member(user, "first_name"));
                    show("users[" + (userCount + userIndex) + "].first_name", firstName);
                    JsonElement groupIds = member(user, "group_ids");
                    if (groupIds.isJsonArray()) {
                        for (int groupIdIndex = 0; groupIdIndex < groupIds.getAsJsonArray().size(); groupIdIndex++) {
                            JsonElement groupId = groupIds.getAsJsonArray().get(groupIdIndex);
                            show("users[" + (userCount + userIndex) + "].group_ids[" + groupIdIndex + "]", asText(groupId));
                        }
                    }
                    String hostKey = asText(member(user, "host_key"));
                    show("users[" + (userCount + userIndex) + "].host_key", hostKey);
                    String id = asText(member(user, "id"));
                    show("users[" + (userCount + userIndex) + "].id", id);
                    JsonElement imGroupIds = member(user, "im_group_ids");
                    if (imGroupIds.isJsonArray()) {
                        for (int imGroupIdIndex = 0; imGroupIdIndex < imGroupIds.getAsJsonArray().size(); imGroupIdIndex++) {
                            JsonElement imGroupId = imGroupIds.getAsJsonArray().get(imGroupIdIndex);
                            show("users[" + (userCount + userIndex) + "].im_group_ids[" + imGroupIdIndex + "]", asText(imGroupId));
                        }
                    }
                    String lastClientVersion = asText(member(user, "last_client_version"));
                    show("users[" + (userCount + userIndex) + "].last_client_version", lastClientVersion);
                    String lastLoginTime = asText(member(user, "last_login_time"));
                    show("users[" + (userCount + userIndex) + "].last_login_time", lastLoginTime);
                    String lastName = asText(member(user, "last_name"));
                    show("users[" + (userCount + userIndex) + "].last_name", lastName);
                    JsonElement licenseInfoList = member(user, "license_info_list");
                    if (licenseInfoList.isJsonArray()) {
                        for (int licenseInfoListItemIndex = 0; licenseInfoListItemIndex < licenseInfoList.getAsJsonArray().size(); licenseInfoListItemIndex++) {
                            JsonElement licenseInfoListItem = licenseInfoList.getAsJsonArray().get(licenseInfoListItemIndex);
                            Long licenseOption = asInteger(member(licenseInfoListItem, "license_option"));
                            show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].license_option", licenseOption);
                            String licenseType = asText(member(licenseInfoListItem, "license_type"));
                            show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].license_type", licenseType);
                            String subscriptionId = asText(member(licenseInfoListItem, "subscription_id"));
                            show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].subscription_id", subscriptionId);
                        }
                    }
                    String planUnitedType = asText(member(user, "plan_united_type"));
                    show("users[" + (userCount + userIndex) + "].plan_united_type", planUnitedType);
                    Long pmi = asInteger(member(user, "pmi"));
                    show("users[" + (userCount + userIndex) + "].pmi", pmi);
                    String roleId = asText(member(user, "role_id"));
                    show("users[" + (userCount + userIndex) + "].role_id", roleId);
                    String userStatus = asText(member(user, "status"));
                    show("users[" + (userCount + userIndex) + "].status", userStatus);
                    String timezone = asText(member(user, "timezone"));
                    show("users[" + (userCount + userIndex) + "].timezone", timezone);
                    Long userType = asInteger(member(user, "type"));
                    show("users[" + (userCount + userIndex) + "].type", userType);
                    String userCreatedAt = asText(member(user, "user_created_at"));
                    show("users[" + (userCount + userIndex) + "].user_created_at", userCreatedAt);
                    Long verified = asInteger(member(user, "verified"));
                    show("users[" + (userCount + userIndex) + "].verified", verified);
                }
                userCount += usersValue.getAsJsonArray().size();
            }

            // The next page, if there is one.
            JsonElement token = member(answer, "next_page_token");
            List<List<String>> nextQuery = new ArrayList<>(query);
            url = null;
            if (token.isJsonPrimitive() && !token.getAsString().isEmpty()) {
                nextQuery.add(List.of("next_page_token", token.getAsString()));
                url = baseUrl + path + "?" + pairs(nextQuery);
            }
        }
    }
}
