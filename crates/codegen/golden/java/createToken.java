// Get an access token
// POST /oauth/token
//
// Optional parameters:
//   account_id: With `account_credentials`: the account's id.
//   code: With `authorization_code`: the code. It is valid once, for five minutes.
//   redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
//   code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, if there is no Basic header.
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
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;

public class Sample {
    static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    static final PrintStream ERR = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    /** Maximum time for a response. */
    static final Duration TIMEOUT = Duration.ofSeconds(60);

    record Answer(
        String accessToken,
        String apiUrl,
        Long expiresIn,
        String refreshToken,
        String scope,
        String tokenType) {
        static Answer of(JsonElement json) {
            return !json.isJsonObject() ? null : new Answer(
                asText(member(json, "access_token")),
                asText(member(json, "api_url")),
                asInteger(member(json, "expires_in")),
                asText(member(json, "refresh_token")),
                asText(member(json, "scope")),
                asText(member(json, "token_type")));
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

    static <T> void showList(String place, List<T> list, BiConsumer<String, T> show) {
        int index = 0;
        for (T element : list) {
            show.accept(place + "[" + index++ + "]", element);
        }
    }

    static void showAnswer(Answer value) {
        if (value == null) {
            return;
        }
        show("access_token", value.accessToken);
        show("api_url", value.apiUrl);
        show("expires_in", value.expiresIn);
        show("refresh_token", value.refreshToken);
        show("scope", value.scope);
        show("token_type", value.tokenType);
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
            .method("POST", HttpRequest.BodyPublishers.ofByteArray(body));
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

    /** Get an access token. */
    static Answer createToken(String grantType)
            throws IOException, InterruptedException {
        String baseUrl = setting("API_BASE_URL").replaceAll("/+$", "");
        String path = "/oauth/token";

        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", "application/json");
        String credentials = setting("API_CLIENT_ID") + ":" + setting("API_CLIENT_SECRET");
        byte[] credentialBytes = credentials.getBytes(StandardCharsets.UTF_8);
        headers.put("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentialBytes));
        headers.put("Content-Type", "application/x-www-form-urlencoded");
        byte[] body = pairs(List.of(List.of("grant_type", grantType))).getBytes(StandardCharsets.UTF_8);

        String url = baseUrl + path;
        HttpClient client = HttpClient.newHttpClient();
        HttpResponse<String> response = send(client, url, headers, body);
        return parse(response.body());
    }

    static void run() throws IOException, InterruptedException {
        showAnswer(createToken("account_credentials"));
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
