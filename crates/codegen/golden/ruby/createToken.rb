#!/usr/bin/env ruby
# Get an access token
# POST /oauth/token
#
# It also takes:
#   account_id: With `account_credentials`: the account's id.
#   refresh_token: With `refresh_token`: the token to retire.
#   client_id: The app, where no Basic header names it.
# frozen_string_literal: true

require "json"
require "net/http"
require "time"
require "uri"

$stdout.set_encoding(Encoding::UTF_8)

# Prints a value on one line; nothing if there is none.
def show(place, value)
  case value
  when nil
    return
  when Float
    value = format("%.15g", value)
  else
    value = JSON.generate(value) if value.is_a?(Hash) || value.is_a?(Array)
    value = value.to_s.gsub(/[\\\n\r]/, "\\" => "\\\\", "\n" => "\\n", "\r" => "\\r")
  end
  puts "#{place}: #{value}"
end

# A variable of the environment.
def setting(name)
  value = ENV.fetch(name, "")
  value.empty? ? abort("set #{name} in the environment") : value
end

# Percent-encodes all but letters, digits and -._~.
def encode(text)
  text.b.gsub(/[^A-Za-z0-9._~-]/n) { |byte| format("%%%02X", byte.ord) }
end

# The parameters as a query or a form.
def pairs(parameters)
  parameters.map { |name, *values| encode(name) + "=" + values.map { |value| encode(value) }.join(",") }.join("&")
end

# How long an answer with status 429 asks to wait: in seconds, or up to an instant.
def wait_seconds(response)
  retry_after = response["Retry-After"] || "1"
  return retry_after.to_i if retry_after.match?(/\A\d+\z/)

  [Time.iso8601(retry_after) - Time.now, 0].max
rescue ArgumentError
  1
end

# How long a server may take to answer.
TIMEOUT_SECONDS = 60

# A good answer; after 429 it waits and asks again, at most five times.
def send_request(url, headers, content)
  (0..5).each do |attempt|
    uri = URI(url)
    request = Net::HTTPGenericRequest.new('POST', !content.nil?, true, uri, headers)
    request.body = content
    options = { use_ssl: uri.scheme == "https", open_timeout: TIMEOUT_SECONDS, read_timeout: TIMEOUT_SECONDS, max_retries: 0 }
    response = Net::HTTP.start(uri.hostname, uri.port, **options) { |http| http.request(request) }
    return response if response.is_a?(Net::HTTPSuccess)

    abort "HTTP #{response.code}: #{response.body.to_s.dup.force_encoding("UTF-8")}" if response.code != "429" || attempt == 5
    seconds = wait_seconds(response)
    warn "429: waiting #{seconds.round} s"
    sleep seconds
  end
rescue SystemCallError, SocketError, EOFError, Timeout::Error, OpenSSL::SSL::SSLError => error
  abort "#{url}: #{error.message}"
end

base_url = setting("API_BASE_URL").sub(%r{/+\z}, "")
grant_type = 'account_credentials'

headers = { "Accept" => 'application/json' }
credentials = setting("API_CLIENT_ID") + ":" + setting("API_CLIENT_SECRET")
headers["Authorization"] = "Basic " + [credentials].pack("m0")
headers["Content-Type"] = "application/x-www-form-urlencoded"
content = pairs([['grant_type', grant_type]])

path = '/oauth/token'
query = []
url = base_url + path + (query.empty? ? "" : "?" + pairs(query))
response = send_request(url, headers, content)
text = response.body.to_s.dup.force_encoding("UTF-8")
begin
  answer = JSON.parse(text)
rescue JSON::ParserError => error
  abort "the answer is not JSON (#{error.message}): #{text}"
end
answer = {} unless answer.is_a?(Hash)
access_token = answer['access_token']
show('access_token', access_token)
api_url = answer['api_url']
show('api_url', api_url)
expires_in = answer['expires_in']
show('expires_in', expires_in)
refresh_token = answer['refresh_token']
show('refresh_token', refresh_token)
scope = answer['scope']
show('scope', scope)
token_type = answer['token_type']
show('token_type', token_type)
