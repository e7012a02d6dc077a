// List users
// GET /v2/users
//
// Optional parameters:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
//   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
// Needs Java 17 or later, with Gson in the class path.

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

public class Sample {
    static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    static final PrintStream ERR = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    /** Maximum time for a response. */
    static final Duration TIMEOUT = Duration.ofSeconds(60);

    record LicenseInfoListItem(
        Long licenseOption,
        String licenseType,
        String subscriptionId) {
        static LicenseInfoListItem of(JsonElement json) {
            return !json.isJsonObject() ? null : new LicenseInfoListItem(
                asInteger(member(json, "license_option")),
                asText(member(json, "license_type")),
                asText(member(json, "subscription_id")));
        }
    }

    record CustomAttribute(
        String key,
        String name,
        String value) {
        static CustomAttribute of(JsonElement json) {
            return !json.isJsonObject() ? null : new CustomAttribute(
                asText(member(json, "key")),
                asText(member(json, "name")),
                asText(member(json, "value")));
        }
    }

    record User(
        String createdAt,
        List<CustomAttribute> customAttributes,
        String dept,
        String displayName,
        List<String> divisionIds,
        String email,
        String employeeUniqueId,
        String firstName,
        List<String> groupIds,
        String hostKey,
        String id,
        List<String> imGroupIds,
        String lastClientVersion,
        String lastLoginTime,
        String lastName,
        List<LicenseInfoListItem> licenseInfoList,
        String planUnitedType,
        Long pmi,
        String roleId,
        String status,
        String timezone,
        Long type,
        String userCreatedAt,
        Long verified) {
        static User of(JsonElement json) {
            return !json.isJsonObject() ? null : new User(
                asText(member(json, "created_at")),
                asList(member(json, "custom_attributes"), CustomAttribute::of),
                asText(member(json, "dept")),
                asText(member(json, "display_name")),
                asList(member(json, "division_ids"), Sample::asText),
                asText(member(json, "email")),
                asText(member(json, "employee_unique_id")),
                asText(member(json, "first_name")),
                asList(member(json, "group_ids"), Sample::asText),
                asText(member(json, "host_key")),
                asText(member(json, "id")),
                asList(member(json, "im_group_ids"), Sample::asText),
                asText(member(json, "last_client_version")),
                asText(member(json, "last_login_time")),
                asText(member(json, "last_name")),
                asList(member(json, "license_info_list"), LicenseInfoListItem::of),
                asText(member(json, "plan_united_type")),
                asInteger(member(json, "pmi")),
                asText(member(json, "role_id")),
                asText(member(json, "status")),
                asText(member(json, "timezone")),
                asInteger(member(json, "type")),
                asText(member(json, "user_created_at")),
                asInteger(member(json, "verified")));
        }
    }

    record Answer(
        String nextPageToken,
        Long pageCount,
        Long pageSize,
        Long totalRecords,
        Long pageNumber,
        List<User> users) {
        static Answer of(JsonElement json) {
            return !json.isJsonObject() ? null : new Answer(
                asText(member(json, "next_page_token")),
                asInteger(member(json, "page_count")),
                asInteger(member(json, "page_size")),
                asInteger(member(json, "total_records")),
                asInteger(member(json, "page_number")),
                asList(member(json, "users"), User::of));
        }
    }

    /** Returns a member of an object, or JSON's null if there is none. */
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
        BigDecimal number = value.getAsBigDecimal();
        if (number.precision() - number.scale() > 19 || number.toBigInteger().bitLength() > 63) {
            throw new ArithmeticException(value + " does not fit in 64 bits");
        }
        return number.longValue();
    }

    static Double asNumber(JsonElement value) {
        return isNumber(value) ? (Double) value.getAsDouble() : null;
    }

    static Boolean asBoolean(JsonElement value) {
        boolean isBoolean = value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean();
        return isBoolean ? (Boolean) value.getAsBoolean() : null;
    }

    static JsonElement asJson(JsonElement value) {
        return value.isJsonNull() ? null : value;
    }

    /** Reads each element of an array. */
    static <T> List<T> asList(JsonElement value, Function<JsonElement, T> read) {
        List<T> list = new ArrayList<>();
        if (value.isJsonArray()) {
            value.getAsJsonArray().forEach(element -> list.add(read.apply(element)));
        }
        return list;
    }

    /** Prints a value on its own line, and nothing if there is none. */
    static void show(String place, Object value) {
        if (value == null) {
            return;
        }
        String text = value.toString();
        if (value instanceof Double number) {
            text = new BigDecimal(number).round(new MathContext(15)).stripTrailingZeros().toPlainString();
        } else if (value instanceof JsonElement json && json.isJsonPrimitive()) {
            text = json.getAsString();
        }
        OUT.print(place + ": " + text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r") + "\n");
    }

    /** How many elements of each list have been printed: a list continues on the next page. */
    static final Map<String, Integer> PRINTED = new HashMap<>();

    static <T> void showList(String place, List<T> list, BiConsumer<String, T> show) {
        int index = PRINTED.getOrDefault(place, 0);
        for (T element : list) {
            show.accept(place + "[" + index++ + "]", element);
        }
        PRINTED.put(place, index);
    }

    static void showLicenseInfoListItem(String place, LicenseInfoListItem value) {
        if (value == null) {
            return;
        }
        show(place + ".license_option", value.licenseOption);
        show(place + ".license_type", value.licenseType);
        show(place + ".subscription_id", value.subscriptionId);
    }

    static void showCustomAttribute(String place, CustomAttribute value) {
        if (value == null) {
            return;
        }
        show(place + ".key", value.key);
        show(place + ".name", value.name);
        show(place + ".value", value.value);
    }

    static void showUser(String place, User value) {
        if (value == null) {
            return;
        }
        show(place + ".created_at", value.createdAt);
        showList(place + ".custom_attributes", value.customAttributes, Sample::showCustomAttribute);
        show(place + ".dept", value.dept);
        show(place + ".display_name", value.displayName);
        showList(place + ".division_ids", value.divisionIds, Sample::show);
        show(place + ".email", value.email);
        show(place + ".employee_unique_id", value.employeeUniqueId);
        show(place + ".first_name", value.firstName);
        showList(place + ".group_ids", value.groupIds, Sample::show);
        show(place + ".host_key", value.hostKey);
        show(place + ".id", value.id);
        showList(place + ".im_group_ids", value.imGroupIds, Sample::show);
        show(place + ".last_client_version", value.lastClientVersion);
        show(place + ".last_login_time", value.lastLoginTime);
        show(place + ".last_name", value.lastName);
        showList(place + ".license_info_list", value.licenseInfoList, Sample::showLicenseInfoListItem);
        show(place + ".plan_united_type", value.planUnitedType);
        show(place + ".pmi", value.pmi);
        show(place + ".role_id", value.roleId);
        show(place + ".status", value.status);
        show(place + ".timezone", value.timezone);
        show(place + ".type", value.type);
        show(place + ".user_created_at", value.userCreatedAt);
        show(place + ".verified", value.verified);
    }

    static void showAnswer(Answer value) {
        if (value == null) {
            return;
        }
        show("next_page_token", value.nextPageToken);
        show("page_count", value.pageCount);
        show("page_size", value.pageSize);
        show("total_records", value.totalRecords);
        show("page_number", value.pageNumber);
        showList("users", value.users, Sample::showUser);
    }

    static Answer parse(String text) throws IOException {
        try {
            JsonElement json = new Gson().getAdapter(JsonElement.class).fromJson(text);
            return Answer.of(json);
        } catch (IOException | JsonParseException error) {
            throw new IOException("the response is not JSON (" + error.getMessage() + "): " + text, error);
        }
    }

    /** Returns an environment variable. */
    static String setting(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException("set " + name + " in the environment");
        }
        return value;
    }

    /** Percent-encodes everything but letters, digits and -._~ */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    /** Writes parameters, lists of a name and its values, as a query or a form. */
    static String pairs(List<List<String>> parameters) {
        return parameters.stream().map(Sample::pair).collect(Collectors.joining("&"));
    }

    static String pair(List<String> parameter) {
        String values = parameter.stream().skip(1).map(Sample::encode).collect(Collectors.joining(","));
        return encode(parameter.get(0)) + "=" + values;
    }

    /** Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time. */
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

    /** Sends the request and returns a successful response. Retries up to five times after 429. */
    static HttpResponse<String> send(HttpClient client, String url, Map<String, String> headers, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
            .timeout(TIMEOUT)
            .method("GET", HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::setHeader);
        for (int attempt = 0; ; attempt++) {
            HttpResponse<String> response;
            try {
                response = client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            } catch (IOException error) {
                throw new IOException(url + ": " + error, error);
            }
            if (response.statusCode() / 100 == 2) {
                return response;
            }
            if (response.statusCode() != 429 || attempt == 5) {
                throw new IOException("HTTP " + response.statusCode() + ": " + response.body());
            }
            Duration wait = waitTime(response);
            ERR.println("429: waiting " + wait.toSeconds() + " s");
            Thread.sleep(wait.toMillis());
        }
    }

    /** List users: passes each page on. */
    static void users(Consumer<Answer> handle)
            throws IOException, InterruptedException {
        String baseUrl = setting("API_BASE_URL").replaceAll("/+$", "");
        String path = "/v2/users";

        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", "application/json");
        headers.put("Authorization", "Bearer " + setting("API_TOKEN"));
        byte[] body = {};

        List<List<String>> query = List.of();
        String url = baseUrl + path;
        HttpClient client = HttpClient.newHttpClient();
        while (url != null) {
            HttpResponse<String> response = send(client, url, headers, body);
            Answer page = parse(response.body());
            handle.accept(page);
            url = null;
            if (page != null && page.nextPageToken != null && !page.nextPageToken.isEmpty()) {
                List<List<String>> next = new ArrayList<>(query);
                next.add(List.of("next_page_token", page.nextPageToken));
                url = baseUrl + path + "?" + pairs(next);
            }
        }
    }

    static void run() throws IOException, InterruptedException {
        users(page -> showAnswer(page));
    }

    public static void main(String[] args) throws InterruptedException {
        try {
            run();
        } catch (IOException | RuntimeException error) {
            ERR.println(error.getMessage());
            System.exit(1);
        }
    }
}
